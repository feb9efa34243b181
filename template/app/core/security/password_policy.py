"""Which passwords are accepted: long, and hard to guess (NIST SP 800-63B-4 §3.1.1.2). No composition rules."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from unicodedata import combining, normalize

from anyio import CapacityLimiter, to_thread

from app.core.config import Settings
from app.core.exceptions import FieldError, InvalidInput

MAX_LENGTH = 256
# The floor of PASSWORD_MIN_LENGTH, which schemas check together with all other fields.
SHORTEST = 8
# On zxcvbn's scale: 3 means more than 10^8 guesses, which a throttled login does not allow.
MINIMUM_SCORE = 3
# zxcvbn tries every letter that a special character may stand for. 40 of these characters take over a second, and
# no other thread runs meanwhile. With these two limits it takes 60 ms at most.
CHARACTERS_JUDGED = 32
SIGNS_READ = 3
MINIMUM_PERSONAL = 3
SEPARATORS = re.compile(r"[\s_.-]+")
# How a domain in another script is written (RFC 5891).
ENCODED_LABEL = re.compile(r"xn--([a-z0-9-]+)", re.ASCII | re.IGNORECASE)
# zxcvbn fails for an empty text, which remains of a password that consists of personal words.
NOTHING = {"score": 0, "feedback": {"warning": "", "suggestions": []}}
PERSONAL = "It contains your address, your name or the name of this application."


class PasswordTooWeak(InvalidInput):
    """Common, repetitive or personal."""

    code = "password_too_weak"
    detail = "The password is too easy to guess."


class PasswordPolicy:
    """The rules for new passwords."""

    def __init__(self, settings: Settings) -> None:
        self._minimum = settings.password_min_length
        self._app_name = settings.app_name
        # The check holds the interpreter's lock, so that several at once would only slow down everything else.
        self._limiter = CapacityLimiter(1)

    async def require(self, password: str, pointer: str, personal: Iterable[str]) -> None:
        """Refuse a password that is short, or easy to guess for somebody who knows the personal words.

        Raises:
            InvalidInput: if it is too short.
            PasswordTooWeak: with the reason, at `pointer`.
        """
        if len(password) < self._minimum:
            reason = f"Use at least {self._minimum} characters."
            raise InvalidInput(errors=[FieldError(pointer, "password_too_short", reason)])
        plain = _plain(password)
        known = {words for text in (*personal, self._app_name) for words in _words(text)}
        rest = _without(plain, known)
        verdict = await to_thread.run_sync(_judge, password if rest == plain else rest, limiter=self._limiter)
        if verdict["score"] < MINIMUM_SCORE:
            reason = _advice(verdict) if rest == plain else PERSONAL
            raise PasswordTooWeak(errors=[FieldError(pointer, PasswordTooWeak.code, reason)])


def _plain(text: str) -> str:
    """Remove case and accents: whoever guesses a name tries it without them."""
    return "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))


def _words(text: str) -> Iterator[tuple[str, ...]]:
    """The words of a text, alone and one after the other, each also backwards."""
    decoded = ENCODED_LABEL.sub(lambda label: label[1].encode().decode("punycode", "replace"), text)
    for spelling in {text, decoded}:
        parts = tuple(part for part in re.split(r"[\W_]+", _plain(spelling)) if part)
        for words in (parts, *((part,) for part in parts)):
            yield from (words, tuple(word[::-1] for word in reversed(words)))


def _without(password: str, personal: set[tuple[str, ...]]) -> str:
    """The password without personal words. zxcvbn itself rates two names and a number as strong."""
    known = sorted((r"[\W_]*".join(words) for words in personal if len("".join(words)) >= MINIMUM_PERSONAL), key=len)
    return re.sub("|".join(reversed(known)), "", password)


def _judge(password: str) -> Any:
    """The lower score of the password with and without spaces and dashes, which make it no harder to guess."""
    # Its dictionaries take time and memory, which a process needs only when the first password is judged.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    readings = {password, SEPARATORS.sub("", password)}
    verdicts: list[Any] = [zxcvbn(_readable(text[:CHARACTERS_JUDGED])) if text else NOTHING for text in readings]
    return min(verdicts, key=lambda verdict: verdict["score"])


def _readable(password: str) -> str:
    """Keep the first few signs that may stand for letters, and replace the others."""
    signs = _letter_signs()
    kept = list(dict.fromkeys(sign for sign in password if sign in signs))[:SIGNS_READ]
    return "".join("~" if sign in signs and sign not in kept else sign for sign in password)


@cache
def _letter_signs() -> frozenset[str]:
    from zxcvbn.matching import L33T_TABLE  # noqa: PLC0415

    return frozenset(sign for signs in L33T_TABLE.values() for sign in signs if not sign.isdigit())


def _advice(verdict: Any) -> str:
    advice = [verdict["feedback"]["warning"], *verdict["feedback"]["suggestions"]]
    return " ".join(text for text in advice if text) or "Add another word or two."
