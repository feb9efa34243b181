"""Each macro of extensions/, in the same Jinja environment as in Copier."""

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
def test_slugs_are_ascii(macros: Any, name: str, kebab: str, snake: str) -> None:
    assert (macros.kebab(name), macros.snake(name)) == (kebab, snake)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("My API", "my-api"),
        ("x" * 60, "x" * 60),
        ("ß" * 60, "s" * 63),
        ("ß" * 31 + " x", "s" * 62),
        ("ß" * 31 + "x y", "s" * 62 + "x"),
    ],
)
def test_dns_labels_have_at_most_63_characters(macros: Any, name: str, label: str) -> None:
    """A slug that is short enough must not change, because existing projects use it."""
    assert macros.dns_label(name) == label


@pytest.mark.parametrize("text", ["plain", 'It\'s "quoted" \\ and {{ braced }}', "emoji 🚀 é", "del \x7f tab \t", ""])
def test_quoted_text_is_valid_in_json_yaml_and_toml(macros: Any, text: str) -> None:
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
def test_one_line_explains_what_is_wrong(macros: Any, text: str, problem: str) -> None:
    assert (problem in macros.one_line(text, 20)) if problem else macros.one_line(text, 20) == ""


@pytest.mark.parametrize("name", ["a", "My API", "Café & Söhne (2.0)", "C++", "x-y_z.w", "日本 1", "x" * 60])
def test_good_project_names_are_accepted(macros: Any, name: str) -> None:
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
def test_the_message_for_a_bad_project_name_says_what_to_type(macros: Any, name: str, advice: str) -> None:
    assert advice in macros.project_name_problem(name)
