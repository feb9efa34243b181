"""What the documentation says is so."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import ownership
import pytest
from combinations import ROOT, Answers
from copier import run_copy
from options import PAGE, options
from readme import commands, section
from releases import NEXT, git

pytestmark = pytest.mark.docs

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


FUNCTIONS = [
    node for node in ast.parse((ROOT / "noxfile.py").read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text("utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_options_are_those_of_the_questions() -> None:
    assert PAGE.read_text("utf-8") == options(), "python tools/options.py writes this page"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = LINK.findall((folder / "README.md").read_text("utf-8"))

    assert listed == sorted(path.name for path in folder.glob("0*.md"))
    for name in listed:
        assert (folder / name).read_text("utf-8").startswith(f"# {name[:4]} ")


def test_sessions_are_those_of_the_noxfile() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    rows = [f"| `{node.name}` | {ast.get_docstring(node)} |" for node in FUNCTIONS if node.decorator_list]

    assert rows == re.findall(r"^\| `\w+` \| .* \|$", page, re.MULTILINE)


def test_sessions_are_short() -> None:
    lengths = {node.name: (node.end_lineno or 0) - node.lineno for node in FUNCTIONS}

    assert {name: length for name, length in lengths.items() if length > 10} == {}


class TestTheReadme:
    def test_has_two_commands(self) -> None:
        generate, prove = commands((ROOT / "README.md").read_text("utf-8"))

        assert generate.startswith("pip install uv && uvx copier copy ")
        assert prove == "pip install uv && uvx nox"

    def test_ci_runs_the_second(self) -> None:
        _, prove = commands((ROOT / "README.md").read_text("utf-8"))

        assert prove in (ROOT / ".ci/run").read_text("utf-8").splitlines()


class TestGenerating:
    @pytest.fixture
    def clone(self, template: Path, tmp_path: Path) -> Path:
        shutil.copytree(template, tmp_path / "clone")
        return tmp_path / "clone"

    def test_commands_run_as_typed(self, clone: Path) -> None:
        """Uv and Copier are there already, and nobody is there to answer."""
        for command in commands((ROOT / "docs/generate.md").read_text("utf-8")):
            line = command.replace("pip install uv && uvx ", "").replace('copy "$PWD"', 'copy --defaults "$PWD"')
            subprocess.run(["bash", "-euc", line], cwd=clone, check=True, capture_output=True)

        assert git(clone.parent / "my-api", "status", "--porcelain") == ""
        assert f"_src_path: {clone}" in (clone.parent / "my-api/.copier-answers.yml").read_text("utf-8")
        assert "asyncpg" in (clone.parent / "book-shop/pyproject.toml").read_text("utf-8")

    def test_last_message_says_the_same_as_the_readme_of_the_project(
        self, template: Path, tmp_path: Path, combination: Answers, capfd: pytest.CaptureFixture[str]
    ) -> None:
        project = tmp_path / "my api"
        run_copy(str(template), project, data=combination, defaults=True, unsafe=False, vcs_ref=NEXT)
        said = [line.removeprefix("  ") for line in capfd.readouterr().err.splitlines() if line.startswith("  ")]
        readme = commands(section(project / "README.md", "Quick start"))

        assert said == [f"cd '{project}'", *(command for command in readme if not command.startswith("docker"))]


def test_nothing_names_where_packages_come_from(template: Path) -> None:
    locks = [template / "requirements.txt", *(template / "locks").rglob("*.txt")]

    assert len(locks) > 1
    assert [lock for lock in locks if "://" in lock.read_text("utf-8")] == []


def test_what_an_update_does_with_each_file() -> None:
    assert ownership.PAGE.read_text("utf-8") == ownership.page(), "python tools/ownership.py writes this table"
