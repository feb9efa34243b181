"""The client of a request: its IP address and its user agent."""

from ipaddress import IPv4Network, IPv6Address, ip_address, ip_network
from typing import NamedTuple, Self

from app.core.config import Settings

UNKNOWN = "0.0.0.0"  # noqa: S104  for a peer without an address, such as a UNIX socket
MAX_USER_AGENT = 255
MAPPED_BITS = 96


def trusted_hosts(settings: Settings) -> list[str]:
    """`TRUSTED_PROXIES` for uvicorn. A socket for IPv4 and IPv6 shows 10.0.0.1 as ::ffff:10.0.0.1."""
    networks = settings.trusted_proxies
    ipv4 = [network for network in networks if isinstance(network, IPv4Network)]
    mapped = [f"::ffff:{network.network_address}/{MAPPED_BITS + network.prefixlen}" for network in ipv4]
    return [*map(str, networks), *mapped]


class Client(NamedTuple):
    """What a session records of its client. `X-Forwarded-For` is read only from `TRUSTED_PROXIES`."""

    ip: str
    user_agent: str | None

    @classmethod
    def create(cls, host: str, user_agent: str | None) -> Self:
        """From the address that the server or a trusted proxy saw, and the `User-Agent` header."""
        return cls(_canonical(host), user_agent[:MAX_USER_AGENT] if user_agent else None)

    @property
    def throttle_key(self) -> str:
        """The address, or the /64 network of an IPv6 address: one customer usually has the whole network."""
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
