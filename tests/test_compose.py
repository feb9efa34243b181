"""The compose files of every combination that has them, checked with docker-compose."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from combinations import Answers
from conftest import Render
from environments import SETTINGS
from judges import check

HARDENING = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}


@pytest.fixture
def stack(contained: Answers, render: Render, tmp_path: Path) -> Path:
    """Return a project with the `.env` that `init-env` writes."""
    project = tmp_path / "my-api"
    shutil.copytree(render(contained), project, copy_function=shutil.copyfile)
    environment = (project / ".env.example").read_text("utf-8")
    (project / ".env").write_text(re.sub(r"(?m)(SECRET_KEY|PASSWORD)=$", r"\1=hunter2", environment), "utf-8")
    return project


@pytest.fixture
def services(stack: Path) -> dict[str, Any]:
    return read(stack)


def read(project: Path, *options: str) -> dict[str, Any]:
    found = check(project, "docker-compose", *options, "config", "--format", "json")
    assert (found.returncode, found.stderr) == (0, "")
    services: dict[str, Any] = json.loads(found.stdout)["services"]
    return services


def test_every_service_is_hardened(services: dict[str, Any]) -> None:
    assert {name: {key: service.get(key) for key in HARDENING} for name, service in services.items()} == dict.fromkeys(
        services, HARDENING
    )


def test_only_the_api_is_published_and_only_on_this_machine(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert list(published) == ["api"]
    assert [(port["host_ip"], port["target"]) for port in published["api"]] == [("127.0.0.1", 8000)]


def test_the_api_waits_for_the_migration(services: dict[str, Any]) -> None:
    assert services["api"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["restart"] == "no"


def test_several_workers_share_rate_limits(services: dict[str, Any]) -> None:
    environment = services["api"]["environment"]

    shared = environment["RATE_LIMIT_STORAGE_URI"] == "redis://redis:6379/0"
    assert (environment["WORKERS"], shared, "redis" in services) in {("1", False, False), ("2", True, True)}


def test_the_files_contain_no_password(stack: Path) -> None:
    for file in ("compose.yaml", "compose.dev.yaml"):
        assert not re.search(r"(?i)(password|secret\w*): +[^$\s]", (stack / file).read_text("utf-8"))


def test_a_missing_password_is_reported(clustered: Answers, render: Render) -> None:
    found = check(render(clustered), "docker-compose", "config", "--quiet", DATABASE_PASSWORD="")

    assert found.returncode != 0
    assert "DATABASE_PASSWORD" in found.stderr
    assert "init-env" in found.stderr


def test_overrides_for_development_keep_the_hardening(stack: Path) -> None:
    api = read(stack, "--file", "compose.yaml", "--file", "compose.dev.yaml")["api"]

    assert "--reload" in api["command"]
    assert {
        volume["target"]: volume.get("read_only", False) for volume in api["volumes"] if volume["type"] == "bind"
    } == {
        "/srv/app": True,
        "/srv/migrations": True,
    }
    assert {key: api[key] for key in HARDENING} == HARDENING


def test_the_environment_contains_only_known_settings(services: dict[str, Any], stack: Path) -> None:
    known = set(SETTINGS.findall((stack / ".env.example").read_text("utf-8")))

    assert set(services["api"]["environment"]) <= known


def test_a_misspelled_key_is_refused(stack: Path) -> None:
    compose = stack / "compose.yaml"
    compose.write_text(
        compose.read_text("utf-8").replace("    read_only:", "    readonly:").replace("  read_only:", "  readonly:")
    )

    assert "readonly" in check(stack, "docker-compose", "config", "--quiet").stderr
