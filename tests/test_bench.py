"""The benchmark runs on both databases and with its floor, with few rows. Tests do not check the figures."""

import json
from pathlib import Path
from typing import Any

import pytest
from bench import cost, wrk
from bench.__main__ import main
from combinations import FEATURES
from releases import git

pytestmark = pytest.mark.projects

SMALL = ["--rounds=1", "--seconds=1", "--warm-up=0", "--connections=4", "--users=20", "--items=1000", "--sessions=1000"]
TARGETS = {"sqlite": {"template"}, "postgresql": {"template", "floor"}}


def test_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")

    assert main([]) == 1
    assert capsys.readouterr().out == f"{wrk.MISSING}\n"


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ("growth --factor 1", "--factor must be at least 2"),
        ("--connections 600", "--connections must be at most half of --users"),
        ("--template tests", "--template must be a checkout of this repository"),
        ("load --only me", "leave --only out"),
        ("growth --page", "--page needs all tables of cost"),
        ("--page --database sqlite", "--page needs all tables of cost"),
        ("--only nothing", "unknown: nothing"),
    ],
)
def test_options_that_measure_nothing_are_refused(
    capsys: pytest.CaptureFixture[str], options: str, refusal: str
) -> None:
    with pytest.raises(SystemExit):
        main(options.split())

    assert refusal in capsys.readouterr().err


@pytest.mark.skipif(wrk.missing(), reason=wrk.MISSING)
class TestShortRun:
    @pytest.mark.parametrize("database", FEATURES["database"])
    def test_cost_measures_each_endpoint_and_target(
        self, template: Path, tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        measured = run(tmp_path, template, database, "cost")

        assert loads(measured).keys() == {(name, target) for name in cost.DEFAULT for target in TARGETS[database]}
        assert failures(measured) == {}
        printed = capsys.readouterr().out
        assert ("template ÷ floor" in printed) == (database == "postgresql")
        assert f"`cost` of {git(template, 'describe', '--tags').strip()}: 1 rounds of 1 s" in printed

    def test_growth_measures_both_sizes(
        self, template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        measured = run(tmp_path, template, "sqlite", "growth", "--factor=2", "--only=deep,my,none")

        assert loads(measured).keys() == {(n, t) for n in ("deep", "my", "none") for t in ("500 items", "1,000 items")}
        assert failures(measured) == {}
        assert "1,000 items ÷ 500 items" in capsys.readouterr().out

    def test_load_gets_only_expected_statuses(self, template: Path, tmp_path: Path) -> None:
        measured = run(tmp_path, template, "postgresql", "load")

        found = measured["overload"] + measured["beside"]
        assert len(found) == 8
        assert {status for one in found for status in one["statuses"]} <= {"200", "201", "503"}


def run(folder: Path, template: Path, database: str, *options: str) -> dict[str, Any]:
    file = folder / "bench.json"
    assert main([*options, *SMALL, f"--template={template}", f"--database={database}", f"--json={file}"]) == 0
    measured: dict[str, Any] = json.loads(file.read_text("utf-8"))[database]
    return measured


def loads(measured: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(figure["endpoint"], figure["target"]): figure["cost"]["load"] for figure in measured["figures"]}


def failures(measured: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    found = loads(measured)
    return {key: load for key, load in found.items() if load["failed"] or set(load["statuses"]) - {"200", "201"}}
