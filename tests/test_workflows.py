"""The workflows of every combination and of the template, checked with zizmor."""

from pathlib import Path

import yaml
from combinations import ROOT
from judges import check
from readme import commands, section

INIT = "git init --initial-branch "


def test_zizmor_finds_nothing_in_a_project(project: Path) -> None:
    found = check(project, "zizmor", "--offline", "--quiet", ".github/workflows")

    assert found.returncode == 0, found.stdout


def test_zizmor_finds_nothing_in_the_template() -> None:
    found = check(ROOT, "zizmor", "--offline", "--quiet", ".github/workflows")

    assert found.returncode == 0, found.stdout


def test_zizmor_finds_a_template_injection(tmp_path: Path) -> None:
    step = {"run": "echo ${{ github.event.pull_request.title }}"}
    workflow = {"on": "pull_request_target", "jobs": {"x": {"runs-on": "ubuntu-24.04", "steps": [step]}}}
    (tmp_path / "x.yml").write_text(yaml.safe_dump(workflow))

    found = check(tmp_path, "zizmor", "--offline", "--quiet", "x.yml")

    assert (found.returncode != 0, "template-injection" in found.stdout) == (True, True)


def test_the_ci_of_a_project_runs_on_the_branch_of_its_first_commit(project: Path) -> None:
    """YAML 1.1 reads the key `on` as true."""
    workflow = yaml.safe_load((project / ".github/workflows/ci.yml").read_text("utf-8"))
    steps = commands(section(project / "README.md", "First steps"))
    [branch] = [step.removeprefix(INIT) for step in steps if step.startswith(INIT)]

    assert workflow[True]["push"]["branches"] == [branch] == ["main"]
