"""The names of a resource, and of a field, in each style."""

import builtins
import keyword
import re
import sys
from dataclasses import dataclass
from functools import cached_property

from scripts.resource import Refused

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# A database may shorten longer names, and then an error does not name the constraint of the model.
MAX_IDENTIFIER = 63
# So that the names of a resource and of a field fit together into one line, and into the name of a constraint.
MAX_NAME = 30
# English plurals. The first ending that fits decides; `--singular` is for all others.
ENDINGS = (
    ("series", "series"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("ies", "y"),
    ("sses", "ss"),
    ("tuses", "tus"),
    ("buses", "bus"),
    ("nuses", "nus"),
    ("puses", "pus"),
    ("shes", "sh"),
    ("caches", "cache"),
    ("ches", "ch"),
    ("axes", "ax"),
    ("xes", "x"),
    ("quizzes", "quiz"),
    ("heroes", "hero"),
    ("tatoes", "tato"),
    ("ss", ""),
    ("us", ""),
    ("is", ""),
    ("s", ""),
)
# Sound like "you" and "w", so that their article is "a".
CONSONANT_SOUND = re.compile(r"(uni|use|usa|eu|one)")
# Local variables and arguments of the generated code.
LOCALS = {
    *("ada", "api", "bob", "body", "caller", "client", "components", "connection", "count", "cursor", "data", "email"),
    *("expect", "if_match", "if_none_match", "limits", "name", "number", "owner", "owners", "page", "path", "pattern"),
    *("person", "public_id", "q", "query", "request", "response", "router", "row", "rows", "scope", "select", "self"),
    *("session", "tag", "text", "value", "values"),
}


@dataclass(frozen=True)
class Names:
    """`order_lines` in every form."""

    plural: str
    singular: str

    @property
    def path(self) -> str:
        return self.plural.replace("_", "-")

    @property
    def class_name(self) -> str:
        return camel(self.singular)

    @property
    def service_alias(self) -> str:
        """The type of a route's argument: `OrderLines`."""
        return camel(self.plural)

    @property
    def words(self) -> str:
        return self.singular.replace("_", " ")

    @property
    def title(self) -> str:
        """The beginning of a sentence: `Order lines`."""
        return self.plural_words.capitalize()

    @property
    def plural_words(self) -> str:
        return self.plural.replace("_", " ")

    @cached_property
    def a(self) -> str:
        """With its article: `an order line`."""
        vowel = self.singular[0] in "aeiou" and not CONSONANT_SOUND.match(self.singular)
        return f"{'an' if vowel else 'a'} {self.words}"


def camel(snake: str) -> str:
    return "".join(part.capitalize() for part in snake.split("_"))


def resource_names(plural: str, singular: str | None) -> Names:
    """The names of a resource.

    Raises:
        Refused: if they cannot be names of modules, classes and variables.
    """
    for name in filter(None, (plural, singular)):
        if not SNAKE.fullmatch(name):
            raise Refused(f"{name} is no name: use lower case letters, digits and underscores, as in order_lines.")
    if len(plural) > MAX_NAME:
        raise Refused(f"{plural} has more than {MAX_NAME} characters: choose a shorter name.")
    singular = singular or _singular(plural)
    if singular == plural:
        raise Refused(f"The singular of {plural} must be another word: name it with --singular.")
    for name in (plural, singular):
        known = {name, camel(name)} & set(dir(builtins))
        if known or keyword.iskeyword(name) or keyword.issoftkeyword(name):
            raise Refused(f"{name} is a word of Python: choose another name.")
        if name in LOCALS:
            raise Refused(f"{name} is a variable in the code of each resource: choose another name.")
    if plural == "alembic_version":
        raise Refused(f"{plural} is the table of the migrations: choose another name.")
    if plural in sys.stdlib_module_names:
        raise Refused(f"{plural} is a module of Python: choose another name.")
    return Names(plural, singular)


def _singular(plural: str) -> str:
    for ending, replacement in ENDINGS:
        if plural.endswith(ending):
            stem = plural.removesuffix(ending)
            if ending in {"ss", "us", "is"} or not stem + replacement:
                break
            return stem + replacement
    raise Refused(f"{plural} is no plural that is known here: give the plural, or name the singular with --singular.")


def require_short(identifier: str) -> None:
    """Refuse the name of a constraint or an index that is too long for a database.

    Raises:
        Refused: if it is.
    """
    if len(identifier) > MAX_IDENTIFIER:
        raise Refused(f"{identifier} has more than {MAX_IDENTIFIER} characters: choose shorter names.")
