"""Which passwords are accepted: long, and not guessable (NIST SP 800-63B-4 §3.1.1.2). No composition rules."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from unicodedata import combining, normalize

from anyio import CapacityLimiter, to_thread
from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE

from app.core.exceptions import FieldError, InvalidInput

MAX_LENGTH = 256
# zxcvbn's own scale: 3 = over 10^8 guesses, out of reach of a throttled login.
MINIMUM_SCORE = 3
# It tries every reading of letters spelled as signs: 40 characters full of them take over a second, which holds the
# interpreter's lock. Of so much, with so many different signs beside the digits, it takes 60 ms at worst.
CHARACTERS_JUDGED = 32
SIGNS_READ = 3
SIGNS = frozenset(sign for signs in L33T_TABLE.values() for sign in signs if not sign.isdigit())
ONE_AT_A_TIME = CapacityLimiter(1)
MINIMUM_PERSONAL = 3
SEPARATORS = re.compile(r"[\s_.-]+")
# How domains in other scripts are kept (RFC 5891).
ENCODED_LABEL = re.compile(r"xn--([a-z0-9-]+)", re.ASCII | re.IGNORECASE)
# zxcvbn raises for an empty text, which is what is left of a password of personal words only.
NOTHING = {"score": 0, "feedback": {"warning": "", "suggestions": []}}
PERSONAL = "It is built on your address, your name or the name of this application."


class PasswordTooWeak(InvalidInput):
    """Common, repetitive or personal."""

    code = "password_too_weak"
    detail = "The password is too easy to guess."


async def require_strong(password: str, pointer: str, personal: Iterable[str]) -> None:
    """Refuse a password that is easy to guess for somebody who knows the personal words.

    Raises:
        PasswordTooWeak: with the reason, at `pointer`.
    """
    plain = _plain(password)
    rest = _without(plain, {words for text in personal for words in _words(text)})
    verdict = await to_thread.run_sync(_judge, password if rest == plain else rest, limiter=ONE_AT_A_TIME)
    if verdict["score"] < MINIMUM_SCORE:
        reason = _advice(verdict) if rest == plain else PERSONAL
        raise PasswordTooWeak(errors=[FieldError(pointer, PasswordTooWeak.code, reason)])


def _plain(text: str) -> str:
    """Without case and accents, which nobody who guesses a name would stop at."""
    return "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))


def _words(text: str) -> Iterator[tuple[str, ...]]:
    """The words of a text, alone and one after the other; each backwards too."""
    decoded = ENCODED_LABEL.sub(lambda label: label[1].encode().decode("punycode", "replace"), text)
    for spelling in {text, decoded}:
        parts = tuple(part for part in re.split(r"[\W_]+", _plain(spelling)) if part)
        for words in (parts, *((part,) for part in parts)):
            yield from (words, tuple(word[::-1] for word in reversed(words)))


def _without(password: str, personal: set[tuple[str, ...]]) -> str:
    """What is left to guess once the personal words are known: zxcvbn itself rates two names and a number as strong."""
    known = sorted((r"[\W_]*".join(words) for words in personal if len("".join(words)) >= MINIMUM_PERSONAL), key=len)
    return re.sub("|".join(reversed(known)), "", password)


def _judge(password: str) -> Any:
    """The worse of two readings: nothing is harder to guess for a space or a dash between its words."""
    readings = {password, SEPARATORS.sub("", password)}
    verdicts: list[Any] = [zxcvbn(_readable(text[:CHARACTERS_JUDGED])) if text else NOTHING for text in readings]
    return min(verdicts, key=lambda verdict: verdict["score"])


def _readable(password: str) -> str:
    """Keep the first few signs that may stand for letters, and make the others stand for none."""
    kept = list(dict.fromkeys(sign for sign in password if sign in SIGNS))[:SIGNS_READ]
    return "".join("~" if sign in SIGNS and sign not in kept else sign for sign in password)


def _advice(verdict: Any) -> str:
    advice = [verdict["feedback"]["warning"], *verdict["feedback"]["suggestions"]]
    return " ".join(text for text in advice if text) or "Add another word or two."
