"""The Dockerfile of every combination that has one, checked with hadolint."""

import json
import re
from pathlib import Path

from combinations import Answers
from conftest import Render
from judges import check


def test_hadolint_finds_nothing(contained: Answers, render: Render) -> None:
    found = check(render(contained), "hadolint", "Dockerfile")

    assert (found.returncode, found.stdout) == (0, "")


def test_hadolint_finds_a_container_that_runs_as_root(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\nUSER root\nCMD python run.py\n")

    found = check(tmp_path, "hadolint", "Dockerfile")

    assert {"DL3002", "DL3006", "DL3025"} <= set(re.findall(r"DL\d+", found.stdout))


def test_dockerignore_allows_only_the_needed_files(contained: Answers, render: Render) -> None:
    rules = (render(contained) / ".dockerignore").read_text("utf-8").splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]

    assert rules[0] == "*"
    assert {rule for rule in rules if rule.startswith("!")} == {
        "!alembic.ini",
        "!app",
        "!cli.py",
        "!migrations",
        "!requirements.txt",
        "!run.py",
    }


def test_labels_contain_special_characters_unchanged(render: Render) -> None:
    description = 'It\'s "quoted", \\ escaped, $HOME and ${PATH}, 100 % 🚀'
    project = render({"project_description": description, "author_name": 'Zoë "Z" $USER'})

    found = check(project, "hadolint", "--format", "json", "Dockerfile")
    text = (project / "Dockerfile").read_text("utf-8")

    assert (found.returncode, json.loads(found.stdout)) == (0, [])
    assert '.description="It\'s \\"quoted\\", \\\\ escaped, \\$HOME and \\${PATH}, 100 % 🚀" \\\n' in text
