"""Passwords that are accepted or refused."""

import contextlib
from time import process_time

import pytest

from app.core.exceptions import InvalidInput
from app.core.security.password_policy import PasswordPolicy, PasswordTooWeak
from tests.fixtures.settings import MakeSettings

PERSONAL = ("ada.lovelace@xn--bcher-kva.example", "Ada", "Lovelace", "Quiet Harbour", "José Ramón", "Strauß")


@pytest.fixture
def policy(make_settings: MakeSettings) -> PasswordPolicy:
    """The name of the application is Probe, and counts as a personal word."""
    return PasswordPolicy(make_settings())


class TestRequire:
    @pytest.mark.parametrize(
        "password",
        [
            "seven quiet lamps by the river",
            "vK9$e2!pLq7@xZ4&",
            "tiefes Wasser, stille Lampen",
            "Ada drinks tea with purple otters",
        ],
    )
    async def test_strong_password_is_accepted(self, policy: PasswordPolicy, password: str) -> None:
        await policy.require(password, "#/password", PERSONAL)

    @pytest.mark.parametrize(
        "password",
        [
            "passwordpassword", "password123456789", "111111111111111111", "abcabcabcabcabcabc", "qwertyuiopasdfgh",
            "abcdefghijklmnop", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "iloveyouiloveyou",
            "superman superman", "password-password", "..............................",
        ],
    )  # fmt: skip
    async def test_common_or_repetitive_password_is_refused(self, policy: PasswordPolicy, password: str) -> None:
        with pytest.raises(PasswordTooWeak) as refused:
            await policy.require(password, "#/password", PERSONAL)

        assert refused.value.errors
        assert refused.value.errors[0].pointer == "#/password"
        assert refused.value.errors[0].detail

    @pytest.mark.parametrize(
        "password",
        [
            "ada.lovelace@xn--bcher-kva.example", "ada.lovelace@bücher.example", "Ada.Lovelace@Bücher.example1",
            "AdaLovelaceAdaLovelace", "lovelace-ada-1815", "JoseRamonLovelace", "ramón.josé.1815", "STRAUSSSTRAUSSADA",
            "quiet_harbour_2026", "ruobrah-teiuq-2026",
            "ProbeProbeProbeProbe", "adaLOVELACEprobe", "Lovelace, Ada 1815!", "ecalevoLecalevoL",
            "quietharbour1815ada",
        ],
    )  # fmt: skip
    async def test_personal_password_is_refused(self, policy: PasswordPolicy, password: str) -> None:
        with pytest.raises(PasswordTooWeak):
            await policy.require(password, "#/password", PERSONAL)

    async def test_short_password_is_refused(self, make_settings: MakeSettings) -> None:
        policy = PasswordPolicy(make_settings(password_min_length=20))

        with pytest.raises(InvalidInput) as refused:
            await policy.require("vK9$e2!pLq7@xZ4&", "#/password", ())

        assert refused.value.errors
        [reason] = refused.value.errors
        assert (reason.pointer, reason.code) == ("#/password", "password_too_short")
        assert "20" in reason.detail

    async def test_the_reason_does_not_repeat_the_password(self, policy: PasswordPolicy) -> None:
        with pytest.raises(PasswordTooWeak) as refused:
            await policy.require("qwertyuiopasdfgh", "#/password", PERSONAL)

        assert "qwerty" not in str(refused.value.errors)

    async def test_many_special_characters_do_not_make_the_check_slow(self, policy: PasswordPolicy) -> None:
        """A special character can stand for several letters, which multiplies the words to try."""
        few, many = ["@$|4683127059" * 20, "@$|([{<!+%4683127059" * 20]

        assert await cost(policy, many) < 4 * await cost(policy, few)

    async def test_personal_words_are_not_regular_expressions(self, policy: PasswordPolicy) -> None:
        await policy.require("seven quiet lamps by the river", "#/password", (".*", "(", "[a", "\\"))


async def cost(policy: PasswordPolicy, password: str) -> float:
    start = process_time()
    with contextlib.suppress(PasswordTooWeak):
        await policy.require(password[:256], "#/password", ())
    return process_time() - start
