"""Whose address counts."""

from ipaddress import ip_network

import pytest

from app.core.clients import UNKNOWN, Client, client_of

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def seen(peer: str, *forwarded: str, user_agent: str | None = None) -> Client:
    return client_of(peer, forwarded, user_agent, PROXIES)


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
            ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", ["garbage"], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1, garbage"], "10.0.0.1"),
            ("10.0.0.1", [""], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.1:1234"], "198.51.100.1"),
            ("10.0.0.1", ["[2001:db8::5]:1234"], "2001:db8::5"),
            ("10.0.0.1", ["[2001:db8::5]"], "2001:db8::5"),
            ("10.0.0.1", ["[]:1", ":1", "198.51.100.1:"], "10.0.0.1"),
            ("10.0.0.1", ["fe80::5%eth0"], "fe80::5"),
            ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
            ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
            ("", ["198.51.100.1"], UNKNOWN),
            ("testclient", ["198.51.100.1"], UNKNOWN),
        ],
    )
    def test_is_forwarded_by_trusted_proxies_only(self, peer: str, forwarded: list[str], expected: str) -> None:
        assert seen(peer, *forwarded).ip == expected

    def test_of_ipv6_counts_as_its_network(self) -> None:
        assert seen("2001:db8:1:2::5").throttle_key == seen("2001:db8:1:2:ffff::1").throttle_key
        assert seen("2001:db8:1:2::5").throttle_key != seen("2001:db8:1:3::5").throttle_key
        assert seen("192.0.2.1").throttle_key != seen("192.0.2.2").throttle_key


class TestUserAgent:
    def test_is_kept_up_to_a_length(self) -> None:
        assert seen("192.0.2.1").user_agent is None
        assert seen("192.0.2.1", user_agent="").user_agent is None
        assert seen("192.0.2.1", user_agent="browser/1").user_agent == "browser/1"
        assert seen("192.0.2.1", user_agent="é" * 1000).user_agent == "é" * 255
