"""
Measure the template against the floor: `nox -s bench`, or with options behind `--`.

    --only me,get --rounds 2 --seconds 2                  a quick look at two endpoints
    --template ../other-worktree --database postgresql    another checkout of this repository
    --template . --template ../other-worktree             both, in the same rounds
"""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import report, wrk
from bench.endpoints import ENDPOINTS, check
from bench.measure import Plan, measure_in_turn
from bench.targets import Scale, Target, floor, project

ROOT = Path(__file__).parents[2]


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "nox -s bench --", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--template", type=Path, action="append", help="folder of a checkout; may be repeated (default: this one)")
    add("--database", choices=("postgresql", "sqlite"), action="append", help="may be repeated (default: both)")
    add("--only", default=",".join(ENDPOINTS), help="endpoints, separated by commas (default: %(default)s)")
    add("--rounds", type=int, default=5, help="default: %(default)s")
    add("--seconds", type=int, default=3, help="of each measurement (default: %(default)s)")
    add(
        "--warm-up",
        type=int,
        default=1,
        help="seconds of a first round that is not counted (default: %(default)s)",
    )
    add("--connections", type=int, default=32, help="default: %(default)s; at most half the users")
    add("--users", type=int, default=1_000)
    add("--items", type=int, default=100_000)
    add("--sessions", type=int, default=100_000)
    add("--json", type=Path, default=ROOT / "bench.json", help="default: %(default)s")
    add("--page", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args(arguments)
    options.template = [folder.resolve() for folder in options.template or [ROOT]]
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(ENDPOINTS):
        parser.error(f"unknown endpoint: {', '.join(sorted(unknown))}")
    return options


def measure(database: str, options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Measure every target on one database; give the tables and the figures."""
    scale = Scale(options.users, options.items, options.sessions)
    names = [folder.name for folder in options.template] if len(options.template) > 1 else ["template"]
    with ExitStack() as stack:
        projects = [
            stack.enter_context(project(name, folder, database, scale))
            for name, folder in zip(names, options.template, strict=True)
        ]
        targets: list[Target] = list(projects)
        if database == "postgresql":
            targets.append(stack.enter_context(floor(projects[0].environment, scale)))
        for target in targets:
            check(target, items=scale.items)
        versions = report.versions(projects[0].environment)
        endpoints = {name: ENDPOINTS[name] for name in options.only}
        figures = []
        plan = Plan(options.rounds, options.seconds, options.connections, options.warm_up)
        for figure in measure_in_turn(targets, endpoints, plan):
            figures.append(figure)
            tell(f"{database} round {figure.round} {figure.endpoint} {figure.target}: {figure.cost.server_ms:.2f} ms")
    base = targets[-1].name
    ratios = {target.name: report.ratios(figures, target.name, base) for target in targets[:-1]}
    tables = [report.ratio_table(name, base, table) for name, table in ratios.items()]
    tables.append(report.figure_table(figures))
    return "\n".join(tables), {"versions": versions, "ratios": ratios, "figures": report.as_json(figures)}


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    if wrk.missing():
        tell(wrk.MISSING)
        return 1
    machine = report.machine()
    rows = f"{options.users:,} users, {options.items:,} items, {options.sessions:,} sessions"
    how = f"{options.rounds} rounds of {options.seconds} s, {options.connections} connections, {rows}"
    text = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in machine.items()) + f".\n{how}.\n"
    results: dict[str, Any] = {"machine": machine, "how": how}
    for database in options.database or ("postgresql", "sqlite"):
        tables, results[database] = measure(database, options)
        libraries = ", ".join(f"{name} {version}" for name, version in results[database]["versions"].items())
        text += f"\n## {database}\n\n{libraries}.\n\n{tables}"
    tell(f"\n{text}")
    options.json.write_text(json.dumps(results, indent=1), "utf-8")
    if options.page:
        report.write_page(text)
    return 0


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
