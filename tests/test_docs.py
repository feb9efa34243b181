"""The documentation is correct."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import moves
import ownership
import pytest
from combinations import ROOT, Answers
from copier import run_copy
from names import names
from options import PAGE, options
from readme import commands, section
from releases import NEXT, git, parse, recorded

pytestmark = pytest.mark.docs

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


FUNCTIONS = [
    node for node in ast.parse((ROOT / "noxfile.py").read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_have_a_target(page: Path) -> None:
    targets = LINK.findall(page.read_text("utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_page_of_options_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == options(), "python tools/options.py writes this page"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = LINK.findall((folder / "README.md").read_text("utf-8"))

    assert listed == sorted(path.name for path in folder.glob("0*.md"))
    for name in listed:
        assert (folder / name).read_text("utf-8").startswith(f"# {name[:4]} ")


def test_the_table_of_sessions_matches_the_noxfile() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    rows = [f"| `{node.name}` | {ast.get_docstring(node)} |" for node in FUNCTIONS if node.decorator_list]

    assert rows == re.findall(r"^\| `\w+` \| .* \|$", page, re.MULTILINE)


def test_the_page_says_which_sessions_do_not_run_by_default() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    (sentence,) = re.findall(r"^`uvx nox` alone runs all except (.+?)\.", page, re.MULTILINE)
    chosen = [
        node.name for node in FUNCTIONS if any("default=False" in ast.unparse(mark) for mark in node.decorator_list)
    ]

    assert re.findall(r"`(\w+)`", sentence) == chosen


def test_functions_of_the_noxfile_are_short() -> None:
    lengths = {node.name: (node.end_lineno or 0) - node.lineno for node in FUNCTIONS}

    assert {name: length for name, length in lengths.items() if length > 10} == {}


class TestReadme:
    def test_the_readme_has_two_commands(self) -> None:
        generate, prove = commands((ROOT / "README.md").read_text("utf-8"))

        assert generate.startswith("pip install uv && uvx copier copy ")
        assert prove == "pip install uv && uvx nox"

    def test_ci_runs_the_second_command(self) -> None:
        _, prove = commands((ROOT / "README.md").read_text("utf-8"))

        assert prove in (ROOT / ".ci/run").read_text("utf-8").splitlines()


class TestGenerating:
    @pytest.fixture
    def clone(self, template: Path, tmp_path: Path) -> Path:
        shutil.copytree(template, tmp_path / "clone")
        return tmp_path / "clone"

    def test_the_commands_of_the_page_work(self, clone: Path) -> None:
        """The commands for uv and Copier are left out, because both are installed, and questions get their defaults."""
        page = ROOT / "docs/generate.md"
        for command in commands(section(page, "Answer the questions") + section(page, "Commit it")):
            line = command.replace("pip install uv && uvx ", "").replace('copy "$PWD"', 'copy --defaults "$PWD"')
            subprocess.run(["bash", "-euc", line], cwd=clone, check=True, capture_output=True)

        assert git(clone.parent / "my-api", "status", "--porcelain") == ""
        assert f"_src_path: {clone}" in (clone.parent / "my-api/.copier-answers.yml").read_text("utf-8")
        assert "asyncpg" in (clone.parent / "book-shop/pyproject.toml").read_text("utf-8")

    def test_the_message_after_generating_matches_the_readme_of_the_project(
        self, template: Path, tmp_path: Path, combination: Answers, capfd: pytest.CaptureFixture[str]
    ) -> None:
        project = tmp_path / "my api"
        run_copy(str(template), project, data=combination, defaults=True, unsafe=False, vcs_ref=NEXT)
        said = [line.removeprefix("  ") for line in capfd.readouterr().err.splitlines() if line.startswith("  ")]
        start = commands(section(project / "README.md", "Quick start"))
        first = commands(section(project / "README.md", "First steps"))
        commit = first[: first.index("pre-commit install") + 1]

        assert commit[:2] == [". .venv/bin/activate", "git init --initial-branch main"]
        assert said == [
            f"cd '{project}'",
            *(command for command in start if not command.startswith("docker")),
            f"cd '{project}'",
            *commit,
            "curl --fail http://127.0.0.1:8000/health/ready",
        ]


def test_locks_contain_no_url_of_a_package_index(template: Path) -> None:
    locks = [template / "requirements.txt", *(template / "locks").rglob("*.txt")]

    assert len(locks) > 1
    assert [lock for lock in locks if "://" in lock.read_text("utf-8")] == []


def test_the_table_of_files_is_up_to_date() -> None:
    assert ownership.PAGE.read_text("utf-8") == ownership.page(), "python tools/ownership.py writes this table"


class TestFromZeroToOne:
    def test_the_table_of_moved_files_is_up_to_date(self, template: Path) -> None:
        assert moves.PAGE.read_text("utf-8") == moves.page(template), "python tools/moves.py writes this table"

    def test_the_update_command_uses_the_similarity_of_the_table(self) -> None:
        assert moves.SIMILARITY.replace("--", "--strategy-option=") in moves.PAGE.read_text("utf-8")

    @pytest.mark.parametrize("version", [version for version in recorded() if parse(version)[0] == 0])
    def test_the_table_is_correct_for_every_release_of_0_x(self, template: Path, version: str) -> None:
        last, first = moves.border()
        listed = moves.moves(template, last, first)

        assert moves.moves(template, f"v{version}", first).items() <= listed.items()

    def test_the_old_names_are_removed_and_the_new_names_exist(self, template: Path) -> None:
        last, first = moves.border()
        old, new = names(template, last), names(template, first or NEXT)
        table = moves.PAGE.read_text("utf-8").split("<!-- names: begin -->\n")[1].split("<!-- names: end -->")[0]
        left, right = zip(*(row.strip("| ").split(" | ") for row in table.splitlines()[2:]), strict=True)

        assert [name for name in map(full, NAME.findall("\n".join(left))) if name not in old or name in new] == []
        assert [name for name in map(full, NAME.findall("\n".join(right))) if name not in new] == []


# Names of the application, and members of the objects that services use.
NAME = re.compile(r"`(app\.[\w.]+|(?:components|settings|database|caller)\.\w+)")
OBJECTS = {
    "components": "app.components.Components",
    "settings": "app.core.config.Settings",
    "database": "app.db.database.Database",
    "caller": "app.models.callers.Caller",
}


def full(name: str) -> str:
    first, _, rest = name.partition(".")
    return f"{OBJECTS.get(first, first)}.{rest}"
