"""The oldest Copier that copier.yml allows gives the same results as the newest, which all other tests use."""

import subprocess
import sys
from pathlib import Path

import pytest
from combinations import COMBINATIONS, CONFIG, Answers
from conftest import Render, own
from environments import ENVIRONMENTS, once
from releases import NEXT, latest
from updates import contents, given

pytestmark = pytest.mark.updates

MINIMUM = CONFIG["_min_copier_version"]
# Together, these two leave out the files of every option.
CORNERS = [list(COMBINATIONS.values())[position] for position in (0, -1)]


@pytest.fixture
def copier() -> str:
    def build(folder: Path) -> None:
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        pip = ["uv", "pip", "install", "--quiet", "--python", str(folder)]
        subprocess.run([*pip, f"copier=={MINIMUM}", "jinja2-ansible-filters"], check=True)

    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    return str(once(ENVIRONMENTS / f"copier-{MINIMUM}", build) / "bin/copier")


@pytest.mark.parametrize("answers", CORNERS, ids=str)
def test_copies_and_updates_without_trust(
    copier: str, template: Path, render: Render, tmp_path: Path, answers: Answers
) -> None:
    project = own(render(answers, f"v{latest()}"), tmp_path / "my-api")
    fresh = tmp_path / "fresh"
    options = ["--defaults", "--quiet", f"--vcs-ref={NEXT}"]
    data = [f"--data={name}={value}" for name, value in answers.items()]

    subprocess.run([copier, "copy", *options, *data, str(template), str(fresh)], check=True)
    subprocess.run([copier, "update", *options], cwd=project, check=True)

    assert contents(fresh) == contents(render(answers))
    assert given(project) == given(fresh)
