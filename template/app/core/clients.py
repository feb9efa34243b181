"""The client of a request: its address and its program."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple, Self

UNKNOWN = "0.0.0.0"  # noqa: S104  for a peer without an address, such as a UNIX socket
MAX_USER_AGENT = 255


class Client(NamedTuple):
    """What a session remembers of its client. `TRUSTED_PROXIES` says whose `X-Forwarded-For` is read."""

    ip: str
    user_agent: str | None

    @classmethod
    def create(cls, host: str, user_agent: str | None) -> Self:
        """From the address that the server or a trusted proxy saw, and the `User-Agent` header."""
        return cls(_canonical(host), user_agent[:MAX_USER_AGENT] if user_agent else None)

    @property
    def throttle_key(self) -> str:
        """The address, or the /64 network of an IPv6 address: one customer has all of it."""
        address = ip_address(self.ip)
        return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else self.ip


def _canonical(host: str) -> str:
    try:
        # A zone is a local name of any length.
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
