"""Which passwords are accepted: long, and not guessable (NIST SP 800-63B-4 §3.1.1.2). No composition rules."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from unicodedata import normalize

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
    words = {word for text in personal for word in _words(text) if len(word) >= MINIMUM_PERSONAL}
    rest = _without(password, words)
    verdict = await to_thread.run_sync(_judge, rest, limiter=ONE_AT_A_TIME)
    if verdict["score"] < MINIMUM_SCORE:
        reason = _advice(verdict) if rest == normalize("NFC", password) else PERSONAL
        raise PasswordTooWeak(errors=[FieldError(pointer, PasswordTooWeak.code, reason)])


def _words(text: str) -> Iterator[str]:
    """The text, its words, and its words run together; each backwards too."""
    parts = re.split(r"[\W_]+", text)
    for word in (text, "".join(parts), *parts):
        yield from (word, word[::-1])


def _without(password: str, words: set[str]) -> str:
    """What is left to guess once the personal words are known: zxcvbn itself rates two names and a number as strong."""
    alternatives = "|".join(re.escape(normalize("NFC", word)) for word in sorted(words, key=len, reverse=True))
    return re.sub(alternatives, "", normalize("NFC", password), flags=re.IGNORECASE)


def _judge(password: str) -> Any:
    # zxcvbn raises for an empty text, which is what is left of a password of personal words only.
    return zxcvbn(_readable(password[:CHARACTERS_JUDGED])) if password else {"score": 0}


def _readable(password: str) -> str:
    """Keep the first few signs that may stand for letters, and make the others stand for none."""
    kept = list(dict.fromkeys(sign for sign in password if sign in SIGNS))[:SIGNS_READ]
    return "".join("~" if sign in SIGNS and sign not in kept else sign for sign in password)


def _advice(verdict: Any) -> str:
    advice = [verdict["feedback"]["warning"], *verdict["feedback"]["suggestions"]]
    return " ".join(text for text in advice if text) or "Add another word or two."
