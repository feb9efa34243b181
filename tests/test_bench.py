"""The benchmark runs: on both databases, beside its floor, with few rows. What it measures is no concern of a test."""

import json
from pathlib import Path

import pytest
from bench import wrk
from bench.__main__ import main
from bench.endpoints import ENDPOINTS
from combinations import FEATURES

pytestmark = pytest.mark.projects

SMALL = ["--rounds=1", "--seconds=1", "--warm-up=0", "--connections=4", "--users=20", "--items=200", "--sessions=400"]
TARGETS = {"sqlite": {"template"}, "postgresql": {"template", "floor"}}


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")

    assert main([]) == 1
    assert capsys.readouterr().out == f"{wrk.MISSING}\n"


@pytest.mark.skipif(wrk.missing(), reason=wrk.MISSING)
@pytest.mark.parametrize("database", FEATURES["database"])
def test_every_request_succeeds(
    template: Path, tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bench.json"

    assert main([*SMALL, f"--template={template}", f"--database={database}", f"--json={file}"]) == 0

    measured = json.loads(file.read_text("utf-8"))[database]
    found = {(figure["endpoint"], figure["target"]): figure["cost"]["load"] for figure in measured["figures"]}
    assert found.keys() == {(endpoint, target) for endpoint in ENDPOINTS for target in TARGETS[database]}
    assert {key: load for key, load in found.items() if load["failed"] or set(load["statuses"]) - {"200", "201"}} == {}
    assert ("template ÷ floor" in capsys.readouterr().out) == (database == "postgresql")
