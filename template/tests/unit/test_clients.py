"""The address and the user agent of a client."""

from contextlib import AsyncExitStack
from ipaddress import ip_network

import pytest
from fastapi import Request

from app.core.clients import UNKNOWN, Client
from app.core.dependencies import CurrentClient
from tests.fixtures.applications import Api
from tests.fixtures.settings import MakeSettings


def client(host: str = "192.0.2.1", user_agent: str | None = None) -> Client:
    return Client.create(host, user_agent)


class TestAddress:
    @pytest.mark.parametrize(
        ("host", "expected"),
        [
            ("203.0.113.9", "203.0.113.9"),
            ("2001:DB8::5", "2001:db8::5"),
            ("2001:db8:0:0:0:0:0:5", "2001:db8::5"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("fe80::5%eth0", "fe80::5"),
            ("", UNKNOWN),
            ("testclient", UNKNOWN),
            ("198.51.100.1:1234", UNKNOWN),
        ],
    )
    def test_the_address_has_its_canonical_form(self, host: str, expected: str) -> None:
        assert client(host).ip == expected

    def test_an_ipv6_network_is_throttled_as_one_client(self) -> None:
        assert client("2001:db8:1:2::5").throttle_key == client("2001:db8:1:2:ffff::1").throttle_key
        assert client("2001:db8:1:2::5").throttle_key != client("2001:db8:1:3::5").throttle_key
        assert client("192.0.2.1").throttle_key != client("192.0.2.2").throttle_key


class TestUserAgent:
    def test_user_agent_is_cut_after_255_characters(self) -> None:
        assert client().user_agent is None
        assert client(user_agent="").user_agent is None
        assert client(user_agent="browser/1").user_agent == "browser/1"
        assert client(user_agent="é" * 1000).user_agent == "é" * 255


class TestProxies:
    @pytest.mark.parametrize(
        ("peer", "forwarded", "expected"),
        [
            ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", ["198.51.100.1:1234"], "198.51.100.1"),
            ("10.0.0.1", ["garbage"], UNKNOWN),
            ("fd00::1", ["[2001:db8::5]:1234"], "2001:db8::5"),
        ],
    )
    async def test_only_trusted_proxies_can_set_address_and_scheme(
        self, make_settings: MakeSettings, stack: AsyncExitStack, peer: str, forwarded: list[str], expected: str
    ) -> None:
        proxies = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
        api = Api.of(make_settings(trusted_proxies=proxies), stack)

        @api.app.get("/who")
        async def who(client: CurrentClient, request: Request) -> dict[str, str]:
            return {"ip": client.ip, "scheme": request.url.scheme}

        headers = [("X-Forwarded-Proto", "https"), *(("X-Forwarded-For", value) for value in forwarded)]
        seen = (await (await api.client(peer)).get("/who", headers=headers)).json()

        assert seen == {"ip": expected, "scheme": "http" if peer == "203.0.113.9" else "https"}
