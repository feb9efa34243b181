"""The macros of extensions/, one by one, in the environment that Copier gives them."""

import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from macros import environment

Macro = Callable[..., str]


@pytest.fixture(scope="session")
def macros() -> Any:
    return environment().get_template("extensions/naming.jinja").module


@pytest.mark.parametrize(
    ("name", "kebab", "snake"),
    [
        ("My API", "my-api", "my_api"),
        ("  Café -- Zürich 2.0!", "cafe-zurich-2-0", "cafe_zurich_2_0"),
        ("Größe & Łódź", "grosse-lodz", "grosse_lodz"),
        ("ÉCOLE Ærø", "ecole-aero", "ecole_aero"),
        ("日本語", "", ""),
        ("7", "7", "7"),
    ],
)
def test_names_are_plain_ascii(macros: Any, name: str, kebab: str, snake: str) -> None:
    assert (macros.kebab(name), macros.snake(name)) == (kebab, snake)


@pytest.mark.parametrize("text", ["plain", 'It\'s "quoted" \\ and {{ braced }}', "emoji 🚀 é", "del \x7f tab \t", ""])
def test_quoted_text_is_read_back_by_every_format(macros: Any, text: str) -> None:
    quoted = macros.quoted(text)

    assert json.loads(quoted) == text
    assert yaml.safe_load(quoted) == text
    assert tomllib.loads(f"text = {quoted}") == {"text": text}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("An API", ""),
        ("", "at least one character"),
        (" ", "at least one character"),
        ("x" * 21, "at most 20 characters (these are 21)"),
        ("two\nlines", "one line"),
        ("a\ttab", "one line"),
        ("a\x85next line", "one line"),
        ("a\u2028separator", "one line"),
        ("a\x00zero", "one line"),
    ],
)
def test_one_line(macros: Any, text: str, problem: str) -> None:
    assert (problem in macros.one_line(text, 20)) if problem else macros.one_line(text, 20) == ""


@pytest.mark.parametrize("name", ["a", "My API", "Café & Söhne (2.0)", "C++", "x-y_z.w", "日本 1", "x" * 60])
def test_good_project_names(macros: Any, name: str) -> None:
    assert macros.project_name_problem(name) == ""


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("", "at least one character"),
        ("x" * 61, "at most 60"),
        ("日本語", "at least one letter a-z or digit"),
        ("___", "at least one letter a-z or digit"),
        *(
            (name, "letters, digits, spaces")
            for name in ["Bob's", 'a"b', "a\\b", "{{ a }}", "a$b", "a`b", "<a>", "a#b", "a:b"]
        ),
        *((name, "letters, digits, spaces") for name in [" a", "a ", "-a", "a-", ".a"]),
        ("a\nb", "one line"),
    ],
)
def test_bad_project_names_are_told_what_to_type(macros: Any, name: str, advice: str) -> None:
    assert advice in macros.project_name_problem(name)
