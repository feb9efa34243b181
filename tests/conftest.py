"""The template as it is now, committed and tagged as its next release, and the projects rendered from it."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from combinations import COMBINATIONS, DEFAULTS, ROOT, Answers
from environments import Environment, install, once
from pytest_copie.plugin import Copie

NEXT_RELEASE = "v0.1.0"

Render = Callable[..., Path]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a `combination` on each."""
    if "combination" in metafunc.fixturenames:
        metafunc.parametrize("combination", COMBINATIONS.values(), ids=COMBINATIONS)


@pytest.fixture(scope="session", autouse=True)
def _own_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the caller's git reaches a test: neither configuration and identity nor the repository of a hook."""
    config = tmp_path_factory.mktemp("git") / "config"
    config.write_text("[user]\nname = Template Test\nemail = test@example.com\n[init]\ndefaultBranch = main\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Give the folder that all workers of this run see."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def template(shared: Path, _own_git: None) -> Path:
    """Clone the working tree with its uncommitted changes; HEAD is tagged as the next release."""
    return once(shared / "template", _clone)


@pytest.fixture(scope="session")
def render(template: Path, copie_session: Copie, shared: Path) -> Render:
    """Render a project; each set of answers once, and read-only: see `own`."""

    def render(answers: Answers) -> Path:
        answers = {**DEFAULTS, **answers}
        key = hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()[:12]
        return once(shared / f"render-{key}", partial(_render, copie_session, template, answers))

    return render


@pytest.fixture
def project(combination: Answers, render: Render) -> Path:
    return render(combination)


@pytest.fixture
def environment(project: Path) -> Environment:
    return install(project)


@pytest.fixture
def workspace(project: Path, tmp_path: Path) -> Path:
    """Give the project as its owner has it: in a repository of its own."""
    return own(project, tmp_path / "my-api")


def own(project: Path, target: Path) -> Path:
    """Copy a rendered project to where it may be written, and commit it."""
    shutil.copytree(project, target, copy_function=shutil.copyfile)
    git(target, "init", "--quiet")
    git(target, "add", "--all")
    git(target, "commit", "--quiet", "--message", "Rendered")
    return target


def _clone(target: Path) -> None:
    git(ROOT, "clone", "--quiet", "--no-checkout", str(ROOT), str(target))
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    git(target, "add", "--all")
    git(target, "commit", "--quiet", "--allow-empty", "--message", "The working tree")
    git(target, "tag", NEXT_RELEASE)


def _render(copie: Copie, template: Path, answers: Answers, target: Path) -> None:
    result = copie.copy(answers, template_dir=template, vcs_ref=NEXT_RELEASE)
    assert result.project_dir is not None, result.exception
    shutil.move(result.project_dir, target)
    for path in target.rglob("*"):
        if path.is_file():
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
