"""The pictures of README.md show the current questions and operations."""

import json

import pictures
import pytest
from combinations import ROOT
from conftest import Render, own
from environments import install

MOST_BYTES = 200_000


@pytest.mark.docs
def test_the_pictures_are_in_the_readme_and_small() -> None:
    text = (ROOT / "README.md").read_text("utf-8")

    for name in json.loads(pictures.INPUTS.read_text("utf-8")):
        assert f"docs/pictures/{name}" in text
        assert 0 < (pictures.FOLDER / name).stat().st_size < MOST_BYTES


@pytest.mark.projects
def test_the_pictures_are_up_to_date(render: Render, tmp_path_factory: pytest.TempPathFactory) -> None:
    project = own(render({}), tmp_path_factory.mktemp("pictures") / "my-api")
    document = json.loads(install(project).succeed(project, "python cli.py openapi", ENVIRONMENT="development"))

    assert pictures.inputs(document) == json.loads(pictures.INPUTS.read_text("utf-8")), "run `nox -s pictures`"
