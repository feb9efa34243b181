"""The working tree, committed and tagged as the next release, and projects rendered from it."""

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Hashable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import later
import pytest
from combinations import COMBINATIONS, DEFAULTS, Answers
from copier._main import Worker
from environments import Environment as VirtualEnvironment
from environments import install, once
from jinja2 import Environment
from pytest_copie.plugin import Copie
from releases import NEXT, git, snapshot

Render = Callable[..., Path]
ASKED_FOR: dict[str, Answers] = {
    "combination": {},
    "contained": {"docker": True},
    "without_docker": {"docker": False},
    "clustered": {"docker": True, "database": "postgresql"},
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on each combination that its fixture selects."""
    for name, chosen in ASKED_FOR.items():
        if name in metafunc.fixturenames:
            fitting = {key: answers for key, answers in COMBINATIONS.items() if chosen.items() <= answers.items()}
            metafunc.parametrize(name, fitting.values(), ids=fitting)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Let each worker begin with its share of the longest tests.

    xdist gives each worker one part of the list. A long test at the end of a part keeps one core busy at the end of the
    run, while the others wait.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items.sort(key=minutes, reverse=True)
    items[:] = [item for worker in range(workers) for item in items[worker::workers]]


def minutes(item: pytest.Item) -> int:
    marker = item.get_closest_marker("minutes")
    return marker.args[0] if marker else 0


@pytest.fixture(scope="session", autouse=True)
def _own_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the developer's git from tests: its configuration, its identity, and the repository of a running hook."""
    config = tmp_path_factory.mktemp("git") / "config"
    config.write_text("[user]\nname = Template Test\nemail = test@example.com\n[init]\ndefaultBranch = main\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def _fast_copier() -> Iterator[None]:
    """
    Skip what Copier does again for every file, which took three quarters of the time of an update.

    It compiles the names of all folders of the file, and starts git to ask for `core.fileMode`. Its answer matters only
    where git does not see who may execute a file.
    """
    compiled: dict[Hashable, Any] = {}
    original: Callable[..., Any] = Environment.compile

    def compile_once(self: Environment, source: str, *arguments: Any, **options: Any) -> Any:
        # What these templates can configure, beside the text itself.
        configuration = (self.trim_blocks, self.lstrip_blocks, self.keep_trailing_newline, self.block_start_string)
        key = (source, arguments, tuple(options.items()), configuration)
        if key not in compiled:
            compiled[key] = original(self, source, *arguments, **options)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_once)
        if os.name == "posix":
            patch.setattr(Worker, "_sync_git_index_executable_bit", lambda *_: None)
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def template(shared: Path, _own_git: None) -> Path:
    """Clone the working tree with its uncommitted changes. Every release is tagged, and HEAD is the next release."""
    return once(shared / "template", snapshot)


@pytest.fixture(scope="session")
def later_template(template: Path, shared: Path) -> Path:
    """Return a copy of the template with one more release, LATER."""
    return once(shared / "later-template", lambda target: later.release(template, target))


@pytest.fixture(scope="session")
def render(template: Path, copie_session: Copie, shared: Path) -> Render:
    """Render a project, once for each combination and release. It is read-only: `own` makes a writable copy."""

    def render(answers: Answers, release: str = NEXT) -> Path:
        answers = {**DEFAULTS, **answers}
        key = hashlib.sha256(json.dumps([answers, release], sort_keys=True).encode()).hexdigest()[:12]
        return once(shared / f"render-{key}", partial(_render, copie_session, template, answers, release))

    return render


@pytest.fixture
def project(combination: Answers, render: Render) -> Path:
    return render(combination)


@pytest.fixture
def environment(project: Path) -> VirtualEnvironment:
    return install(project)


@pytest.fixture
def workspace(project: Path, tmp_path: Path) -> Path:
    """Return a writable copy of the project, in its own repository."""
    return own(project, tmp_path / "my-api")


def own(project: Path, target: Path) -> Path:
    """Make a writable copy of a rendered project, and commit it."""
    shutil.copytree(project, target, copy_function=shutil.copyfile)
    git(target, "init", "--quiet")
    git(target, "add", "--all")
    git(target, "commit", "--quiet", "--message", "Rendered")
    return target


def _render(copie: Copie, template: Path, answers: Answers, release: str, target: Path) -> None:
    result = copie.copy(answers, template_dir=template, vcs_ref=release)
    assert result.project_dir is not None, result.exception
    shutil.move(result.project_dir, target)
    for path in target.rglob("*"):
        if path.is_file():
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
