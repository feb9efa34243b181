"""docs/tutorial.md works as written: its commands, its edits and its output."""

import shutil
import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest
from combinations import ROOT
from environments import Environment, install
from filelock import FileLock
from later import LATER
from pages import Commands, Edit, Output, steps
from readme import DONE_BEFORE, type_in
from releases import commit, git
from servers import serving

pytestmark = [pytest.mark.projects, pytest.mark.minutes(1)]

PAGE = ROOT / "docs/tutorial.md"
SERVER = "http://127.0.0.1:8000"
SERVE = "python run.py\n"
# One of the template's own tools.
COPIER = Path(sys.executable).with_name("copier")
# The release changes files that the reader has edited, too.
NEWS = {"app/services/users.py": "\n\nLATER = 3\n", "docs/resources.md": "\nLater.\n"}


class Reader:
    """Does what the page says. Only the shell variable TOKEN lasts from one block to the next."""

    def __init__(self, clone: Path, stack: ExitStack) -> None:
        self.clone = clone
        self.project = clone.parent / "my-api"
        self.stack = stack
        self.base = SERVER
        self.said = ""

    @property
    def environment(self) -> Environment:
        return install(self.project)

    def follow(self, page: str) -> None:
        for step in steps(page):
            match step:
                case Commands():
                    self.type_in(step)
                case Output():
                    assert step.text.strip() in self.said
                case Edit():
                    step.make(self.project)

    def type_in(self, block: Commands) -> None:
        if "uvx copier copy" in block.text:
            generated = type_in(self.clone, block.text.replace("pip install uv && ", ""))
            assert generated.returncode == 0, generated.stderr
            return
        if "uvx copier update" in block.text:
            self.release()
        lines = block.text.splitlines(keepends=True)
        script = "".join(line for line in lines if line != SERVE and not DONE_BEFORE.match(line))
        self.run(script, fails=block.fails)
        if SERVE in lines:
            self.serve()

    def run(self, script: str, *, fails: bool) -> None:
        terminal = self.project.parent / "terminal"
        terminal.touch()
        keep = f"declare -p TOKEN > {terminal} 2> /dev/null || true"
        line = script.replace("uvx copier update", f"{COPIER} update --defaults").replace(SERVER, self.base)

        # The hooks of a commit run mypy, whose cache is shared.
        with FileLock(self.environment.folder / "mypy.lock") if "git commit" in script else nullcontext():
            finished = self.environment.run(self.project, f". {terminal}\n{line}\n{keep}")

        self.said = finished.stdout
        assert (finished.returncode != 0) == fails, f"{script} ended with {finished.returncode}:\n{self.said[-6000:]}"

    def serve(self) -> None:
        self.stack.close()
        client = self.stack.enter_context(serving(self.environment, self.project, f"exec {SERVE}"))
        self.base = client.base

    def release(self) -> None:
        for name, text in NEWS.items():
            with (self.clone / "template" / name).open("a", encoding="utf-8") as opened:
                opened.write(text)
        commit(self.clone, "A later release")
        git(self.clone, "tag", LATER)


def test_the_first_hour_works_as_written(template: Path, tmp_path: Path) -> None:
    clone = shutil.copytree(template, tmp_path / "clone")
    with ExitStack() as stack:
        reader = Reader(clone, stack)
        reader.follow(PAGE.read_text("utf-8"))

    project = reader.project
    assert git(project, "log", "--format=%s").splitlines()[::-1] == [
        "Generate the project",
        "Add orders, of which only drafts can be deleted",
        "Update from the template",
    ]
    assert git(project, "status", "--porcelain") == ""
    assert all((project / name).read_text("utf-8").endswith(text) for name, text in NEWS.items())
    assert f"_commit: {LATER}" in (project / ".copier-answers.yml").read_text("utf-8")
