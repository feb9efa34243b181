"""The development container of every combination that has one: its files are valid, and its preparation works."""

import json
from pathlib import Path

import pytest
from combinations import FEATURES, Answers
from conftest import Render, own
from environments import install
from judges import check
from servers import postgresql

PIP = "python -m pip install -r requirements-dev.txt\n"


def test_its_settings_refer_to_existing_files(contained: Answers, render: Render) -> None:
    project = render(contained)
    settings = json.loads((project / ".devcontainer/devcontainer.json").read_text("utf-8"))
    *shell, script = settings["postCreateCommand"].split()

    assert (shell, (project / script).is_file()) == (["bash"], True)
    assert ("image" in settings) != ("dockerComposeFile" in settings)
    assert settings.get("dockerComposeFile", "compose.yaml") == "compose.yaml"
    assert (project / ".devcontainer/compose.yaml").exists() == ("dockerComposeFile" in settings)


def test_its_database_is_on_no_port_of_this_machine(clustered: Answers, render: Render) -> None:
    folder = render(clustered) / ".devcontainer"
    settings = json.loads((folder / "devcontainer.json").read_text("utf-8"))

    found = check(folder, "docker-compose", "config", "--format", "json")

    assert (found.returncode, found.stderr) == (0, "")
    services = json.loads(found.stdout)["services"]
    workspace = services[settings["service"]]
    assert [name for name, service in services.items() if "ports" in service] == []
    assert [mount["target"] for mount in workspace["volumes"]] == [settings["workspaceFolder"]]
    database = services["database"]["environment"]
    assert workspace["environment"]["DATABASE_URL"] == (
        f"postgresql+asyncpg://postgres:{database['POSTGRES_PASSWORD']}@database:5432/{database['POSTGRES_DB']}"
    )


@pytest.mark.projects
@pytest.mark.parametrize("kind", FEATURES["database"])
def test_its_preparation_works_twice(render: Render, tmp_path: Path, kind: str) -> None:
    """A container is also built for a project that was used before. The tests share environments that uv made."""
    project = own(render({"database": kind, "docker": True}), tmp_path / "my-api")
    environment = install(project)
    script = project / ".devcontainer/prepare.sh"
    text = script.read_text("utf-8")
    assert PIP in text
    script.write_text(text.replace(PIP, ""), "utf-8")

    if kind == "postgresql":
        with postgresql(environment) as url:
            outputs = [environment.succeed(project, f"bash {script}", DATABASE_URL=url) for _ in range(2)]
    else:
        outputs = [environment.succeed(project, f"bash {script}") for _ in range(2)]

    assert ["Migrated the database" in output for output in outputs] == [True, False]
    assert "Wrote .env" in outputs[0]
