"""Who is at the other end of the connection."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

# Some proxies add the port, to an address of IPv6 in brackets.
ADDRESS_AND_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:\d+)?|(?P<v4>[\d.]+):\d+")
UNKNOWN = "0.0.0.0"  # noqa: S104  an address that nobody has, for a peer without one (a UNIX socket)
MAX_USER_AGENT = 255


class Client(NamedTuple):
    """The address and program that a session is remembered with."""

    ip: str
    user_agent: str | None

    @property
    def throttle_key(self) -> str:
        """One IPv6 customer has a /64 of addresses, so the network counts, not the address."""
        address = ip_address(self.ip)
        return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else self.ip


def client_of(
    peer: str, forwarded_for: Sequence[str], user_agent: str | None, trusted: Sequence[IPv4Network | IPv6Network]
) -> Client:
    """`X-Forwarded-For` is read from the right, and only as far as each hop is a trusted proxy."""
    hops = [hop.strip() for line in forwarded_for for hop in line.split(",")]
    ip = _canonical(peer) or UNKNOWN
    while hops and any(ip_address(ip) in network for network in trusted):
        forwarded = _canonical(hops.pop())
        if forwarded is None:
            break
        ip = forwarded
    return Client(ip, user_agent[:MAX_USER_AGENT] if user_agent else None)


def _canonical(text: str) -> str | None:
    if found := ADDRESS_AND_PORT.fullmatch(text):
        text = found["v6"] or found["v4"] or ""
    try:
        # A zone is the name of somebody's interface, as long as they like.
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
