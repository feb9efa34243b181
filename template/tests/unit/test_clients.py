"""The address and the program of a client."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.core.clients import UNKNOWN, Client

PROXIES = ["10.0.0.0/8", "fd00::/8"]


async def seen(peer: str, *forwarded: str) -> str:
    """The address of a client behind the middleware that `app.main` uses."""
    hosts = []

    async def application(
        scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        request = Request(scope)
        hosts.append(Client.create(request.client.host if request.client else "", None).ip)
        await PlainTextResponse("")(scope, receive, send)

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(_: Any) -> None:
        pass

    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope: Any = {"type": "http", "client": (peer, 50_000), "headers": headers, "scheme": "http"}
    await ProxyHeadersMiddleware(application, PROXIES)(scope, receive, send)  # type: ignore[arg-type]
    return hosts[0]


class TestAddress:
    @pytest.mark.parametrize(
        ("peer", "forwarded", "expected"),
        [
            ("203.0.113.9", [], "203.0.113.9"),
            ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", [""], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1:1234"], "198.51.100.1"),
            ("10.0.0.1", ["[2001:db8::5]:1234"], "2001:db8::5"),
            ("10.0.0.1", ["garbage"], UNKNOWN),
            ("10.0.0.1", ["fe80::5%eth0"], "fe80::5"),
            ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
            ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
            ("testclient", ["198.51.100.1"], UNKNOWN),
        ],
    )
    async def test_is_that_of_the_nearest_untrusted_hop(self, peer: str, forwarded: list[str], expected: str) -> None:
        assert await seen(peer, *forwarded) == expected

    def test_of_ipv6_counts_as_its_network(self) -> None:
        def key(host: str) -> str:
            return Client.create(host, None).throttle_key

        assert key("2001:db8:1:2::5") == key("2001:db8:1:2:ffff::1")
        assert key("2001:db8:1:2::5") != key("2001:db8:1:3::5")
        assert key("192.0.2.1") != key("192.0.2.2")


@pytest.mark.parametrize(
    ("sent", "kept"), [(None, None), ("", None), ("browser/1", "browser/1"), ("é" * 1000, "é" * 255)]
)
def test_user_agent_is_kept_up_to_a_length(sent: str | None, kept: str | None) -> None:
    assert Client.create("192.0.2.1", sent).user_agent == kept
