"""Which passwords are accepted."""

import contextlib
from time import process_time

import pytest

from app.core.security.password_policy import PasswordTooWeak, require_strong

PERSONAL = ("ada.lovelace@xn--bcher-kva.example", "Ada", "Lovelace", "Probe", "Quiet Harbour", "José Ramón", "Strauß")


class TestRequireStrong:
    @pytest.mark.parametrize(
        "password",
        [
            "seven quiet lamps by the river",
            "vK9$e2!pLq7@xZ4&",
            "tiefes Wasser, stille Lampen",
            "Ada drinks tea with purple otters",
        ],
    )
    async def test_accepts_what_is_hard_to_guess(self, password: str) -> None:
        await require_strong(password, "#/password", PERSONAL)

    @pytest.mark.parametrize(
        "password",
        [
            "passwordpassword", "password123456789", "111111111111111111", "abcabcabcabcabcabc", "qwertyuiopasdfgh",
            "abcdefghijklmnop", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "iloveyouiloveyou",
            "superman superman", "password-password", "..............................",
        ],
    )  # fmt: skip
    async def test_refuses_what_is_common_or_repetitive(self, password: str) -> None:
        with pytest.raises(PasswordTooWeak) as refused:
            await require_strong(password, "#/password", PERSONAL)

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
    async def test_refuses_what_is_built_on_the_person(self, password: str) -> None:
        with pytest.raises(PasswordTooWeak):
            await require_strong(password, "#/password", PERSONAL)

    async def test_gives_an_advice_that_does_not_repeat_the_password(self) -> None:
        with pytest.raises(PasswordTooWeak) as refused:
            await require_strong("qwertyuiopasdfgh", "#/password", PERSONAL)

        assert "qwerty" not in str(refused.value.errors)

    async def test_costs_little_whatever_it_is_made_of(self) -> None:
        """Each sign can be read as several letters, so that the readings multiply."""
        few, many = ["@$|4683127059" * 20, "@$|([{<!+%4683127059" * 20]

        assert await cost(many) < 4 * await cost(few)

    async def test_reads_personal_words_as_text(self) -> None:
        await require_strong("seven quiet lamps by the river", "#/password", (".*", "(", "[a", "\\"))


async def cost(password: str) -> float:
    start = process_time()
    with contextlib.suppress(PasswordTooWeak):
        await require_strong(password[:256], "#/password", ())
    return process_time() - start
