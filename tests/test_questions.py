"""Each question has a default and a help text, and says what to type after an invalid answer."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from combinations import COMBINATIONS, CONFIG, DEFAULTS, DEFINITIONS, FEATURES, QUESTIONS, choices
from conftest import Render
from copier import run_copy
from releases import NEXT


def copy_untrusted(template: Path, target: Path, **answers: Any) -> None:
    run_copy(str(template), target, data=answers, defaults=True, unsafe=False, quiet=True, vcs_ref=NEXT)


def recorded(project: Path) -> dict[str, Any]:
    answers: dict[str, Any] = yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))
    return answers


class TestQuestions:
    @pytest.mark.parametrize("name", QUESTIONS)
    def test_each_question_has_help_and_a_default(self, name: str) -> None:
        assert QUESTIONS[name]["help"].rstrip().endswith((".", "?"))
        assert "default" in QUESTIONS[name]

    @pytest.mark.parametrize("name", [name for name, details in QUESTIONS.items() if not choices(details)])
    def test_free_text_is_validated(self, name: str) -> None:
        assert QUESTIONS[name]["validator"]

    @pytest.mark.parametrize("name", QUESTIONS)
    def test_no_question_depends_on_another(self, name: str) -> None:
        """tests/combinations.py cannot compute the combinations of a question that depends on another."""
        details = QUESTIONS[name]
        assert details.get("when", True) is True
        assert not isinstance(details.get("choices"), str)
        assert not isinstance(details["default"], str) or "{" not in details["default"]

    def test_every_choice_is_in_some_combination(self) -> None:
        for name, offered in FEATURES.items():
            assert {answers[name] for answers in COMBINATIONS.values()} == set(offered)

    def test_nothing_needs_trust(self) -> None:
        assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(CONFIG)


class TestAnswers:
    def test_the_defaults_are_enough(self, template: Path, tmp_path: Path) -> None:
        copy_untrusted(template, tmp_path / "my-api")

        answers = recorded(tmp_path / "my-api")
        assert {name: value for name, value in answers.items() if not name.startswith("_")} == DEFAULTS

    def test_the_release_is_recorded(self, template: Path, render: Render) -> None:
        answers = recorded(render({}))

        assert (answers["_commit"], answers["_src_path"]) == (NEXT, str(template))

    def test_derived_answers_are_not_recorded(self, render: Render) -> None:
        derived = set(DEFINITIONS) - set(QUESTIONS)

        assert derived == {"project_slug"}
        assert not derived & set(recorded(render({})))

    @pytest.mark.parametrize(
        ("question", "answer", "advice"),
        [
            ("project_name", "", "Type at least one character"),
            ("project_name", 'The "API"', "Type letters, digits, spaces"),
            ("project_name", "Bob's API", "Type letters, digits, spaces"),
            ("project_name", "{{ 7 * 7 }}", "Type letters, digits, spaces"),
            ("project_name", "x" * 61, "Type at most 60 characters"),
            ("project_name", "日本語", "Type at least one letter a-z or digit"),
            ("project_description", "", "Type at least one character"),
            ("project_description", "two\nlines", "Type one line"),
            ("project_description", "x" * 201, "Type at most 200 characters"),
            ("author_name", "\t", "Type at least one character"),
            ("author_name", "x" * 101, "Type at most 100 characters"),
            ("database", "oracle", "not in ['sqlite', 'postgresql']"),
            ("docker", "perhaps", "not in [True, False]"),
            ("items", "off-and-on", "not in [True, False]"),
        ],
    )
    def test_an_invalid_answer_gets_advice_and_writes_nothing(
        self, template: Path, tmp_path: Path, question: str, answer: str, advice: str
    ) -> None:
        with pytest.raises(ValueError, match=question) as refusal:
            copy_untrusted(template, tmp_path / "my-api", **{question: answer})

        assert advice in str(refusal.value)
        assert not (tmp_path / "my-api").exists()
