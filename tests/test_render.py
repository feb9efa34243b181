"""The rendered files of every combination."""

import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from combinations import COMBINATIONS, ROOT, Answers
from conftest import Render
from copier import run_copy
from live import rendered_names
from releases import NEXT

# Words that must not be in any file or file name if the option was not chosen.
TRACES = {
    ("items", False): r"(?<![a-zA-Z])items?(?![a-z])|Items?(?![a-z])|ITEMS?(?![A-Z])",
    ("database", "sqlite"): r"(?i:postgres|asyncpg|pgserver|pg_trgm|psycopg)",
    ("database", "postgresql"): r"(?i:sqlite)",
    ("docker", False): r"(?i:docker|\bcompose\b|\bcontainers?\b)",
}
# Words that only look the same.
OTHER_MEANINGS = re.compile(
    r"\.items\(\)"  # of a dictionary
    r"|\"items\""  # of an array, in JSON Schema
    r"|\bRateLimitItem\w*"  # of the library that counts attempts
    r"|\brender_item\b"  # Alembic's hook
    r"|\bitem_type\b"  # of an array, in SQLAlchemy
    r"|\bpytest_collection_modifyitems\b|\bitems: list\[pytest\.Item\]"
)
BAD_IN_WINDOWS = re.compile(r'[<>:"\\|?*\x00-\x1f]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)
PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": lambda text: list(yaml.safe_load_all(text)),
}
# Split, so that no Python file of this repository contains a Jinja block, not even in a string.
BLOCK = "{" + "%"
JINJA = re.compile(r"\{[%]|%\}|\{#|(?<!\$)\{\{")


def files(project: Path) -> list[Path]:
    return sorted(path for path in project.rglob("*") if path.is_file())


def lines(project: Path) -> Iterator[tuple[str, str]]:
    """Yield each line with its place. Locks are left out, because names of packages may contain these words."""
    for path in files(project):
        if not path.name.startswith("requirements"):
            name = path.relative_to(project).as_posix()
            yield from (
                (f"{name}:{number}", line) for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
            )


def contents(project: Path) -> dict[str, bytes]:
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in files(project)}


def run(project: Path, *command: str) -> None:
    finished = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_docker_changes_no_python_file(contained: Answers, render: Render) -> None:
    """So test_project.py runs types, tests and migrations once for both answers."""
    found = [contents(render({**contained, "docker": answer})) for answer in (True, False)]

    python = [{name: text for name, text in files.items() if name.endswith(".py")} for files in found]
    assert python[0] == python[1]


class TestEveryCombination:
    def test_no_jinja_is_left(self, project: Path) -> None:
        """Only rendered files are checked. In a copied file, `{{` can belong to another language."""
        texts = {name: (project / name).read_text("utf-8") for name in rendered_names() if (project / name).exists()}

        assert len(texts) > 3
        assert [name for name, text in texts.items() if JINJA.search(text)] == []
        assert [path for path in files(project) if path.suffix == ".jinja" or "{" in path.name] == []

    def test_every_file_can_be_parsed(self, project: Path) -> None:
        for path in files(project):
            if parse := PARSERS.get(path.suffix):
                parse(path.read_text("utf-8"))

    def test_each_file_ends_with_one_newline(self, project: Path) -> None:
        texts = {path: path.read_text("utf-8") for path in files(project)}

        assert [
            path for path, text in texts.items() if text and (not text.endswith("\n") or text.endswith("\n\n"))
        ] == []
        assert [path for path, text in texts.items() if text.startswith("\n") or "\n\n\n\n" in text] == []

    def test_formatter_and_linter_change_nothing(self, project: Path, tmp_path: Path) -> None:
        cache = f"--cache-dir={tmp_path}"
        run(project, "ruff", "format", "--check", "--diff", cache, ".")
        run(project, "ruff", "check", cache, ".")

    def test_no_file_mentions_an_option_that_was_not_chosen(self, project: Path, combination: Answers) -> None:
        unwanted = [pattern for (name, answer), pattern in TRACES.items() if combination[name] == answer]
        trace = re.compile("|".join(unwanted) or r"(?!)")
        names = [path.relative_to(project).as_posix() for path in files(project)]

        assert [name for name in names if trace.search(name)] == []
        # Only the answers file may contain what was not chosen.
        found = [
            f"{place}: {line.strip()}"
            for place, line in lines(project)
            if trace.search(OTHER_MEANINGS.sub("", line)) and not place.startswith(".copier-answers.yml:")
        ]
        assert found == []

    def test_the_patterns_find_chosen_options(self, project: Path, combination: Answers) -> None:
        """Without this, the test above would also pass with wrong patterns."""
        text = "\n".join(line for _, line in lines(project))
        for (name, answer), pattern in TRACES.items():
            assert combination[name] == answer or re.search(pattern, text)

    def test_file_names_are_valid_on_windows(self, project: Path) -> None:
        names = [path.relative_to(project) for path in files(project)]

        assert [name for name in names if any(BAD_IN_WINDOWS.search(part) for part in name.parts)] == []
        assert len({str(name).lower() for name in names}) == len(names)

    def test_rendering_twice_gives_the_same_files(
        self, project: Path, combination: Answers, template: Path, tmp_path: Path
    ) -> None:
        run_copy(str(template), tmp_path, data=combination, defaults=True, unsafe=False, quiet=True, vcs_ref=NEXT)

        assert contents(tmp_path) == contents(project)

    def test_no_secret_and_no_local_file_is_rendered(self, project: Path) -> None:
        names = {path.name for path in files(project)}

        assert not names & {".env", "app.db", ".coverage"}
        assert not [name for name in names if name.endswith((".pyc", ".db"))]


class TestSpecialCharacters:
    ANSWERS = {  # noqa: RUF012
        "project_name": "Café & Söhne (2.0) 日本",
        "project_description": f'It\'s "quoted", \\ escaped, {{{{ 7 * 7 }}}} {BLOCK} raw %}} <b>, 100 %, $HOME, # 🚀',
        "author_name": 'Zoë "Z" O\'Neil <zoe@example.com> {# x #}',
    }

    @pytest.fixture
    def awkward(self, render: Render) -> Path:
        return render(self.ANSWERS)

    def test_every_file_can_still_be_parsed(self, awkward: Path) -> None:
        for path in files(awkward):
            if parse := PARSERS.get(path.suffix):
                parse(path.read_text("utf-8"))

    def test_answers_are_not_evaluated_and_not_changed(self, awkward: Path) -> None:
        project = tomllib.loads((awkward / "pyproject.toml").read_text("utf-8"))["project"]
        code = json.loads((awkward / "app/project.json").read_text("utf-8"))

        assert project["name"] == "cafe-sohne-2-0"
        assert project["description"] == self.ANSWERS["project_description"] == code["description"]
        assert project["authors"] == [{"name": self.ANSWERS["author_name"]}]
        assert code["name"] == self.ANSWERS["project_name"]

    def test_python_and_its_style_do_not_depend_on_answers(self, awkward: Path, render: Render) -> None:
        assert {p: t for p, t in contents(awkward).items() if p.endswith(".py")} == {
            p: t for p, t in contents(render({})).items() if p.endswith(".py")
        }


class TestTemplate:
    def test_python_files_contain_no_jinja(self) -> None:
        assert [path for path in (ROOT / "template").rglob("*.py") if BLOCK in path.read_text("utf-8")] == []

    def test_every_file_is_in_some_combination(self, render: Render) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "template"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        sources = {name.removeprefix("template/").removesuffix(".jinja") for name in listed if (ROOT / name).exists()}
        reached = {name for answers in COMBINATIONS.values() for name in contents(render(answers))}

        assert {name for name in sources if "{" not in name} - reached == set()

    def test_git_ignores_the_files_rendered_in_template(self) -> None:
        for name in rendered_names():
            run(ROOT, "git", "check-ignore", "--quiet", f"template/{name}")
