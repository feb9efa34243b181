"""
Measure the template: `nox -s bench`, with options after `--`.

    cost --only me,get --rounds 2 --seconds 2             a quick look at two endpoints
    cost --template ../other --database postgresql        another checkout of this repository
    cost --template . --template ../other                 both, in the same rounds
    growth --items 1000000 --sessions 1000000             with a hundredth of these rows, and with all of them
    load --seconds 60                                     overload, memory, and latency during logins
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench import cost, growth, load, report, wrk
from bench.endpoints import ENDPOINTS

ROOT = Path(__file__).parents[2]
SMALLEST_FACTOR = 2
MEASURES = {"cost": cost.run, "growth": growth.run, "load": load.run}


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(
        "nox -s bench --", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("measure", choices=MEASURES, nargs="?", default="cost", help="default: %(default)s, compared with the floor")
    add("--template", type=Path, action="append", help="folder of a checkout; cost takes several (default: this one)")
    add("--database", choices=("postgresql", "sqlite"), action="append", help="may be repeated (default: both)")
    add("--only", type=_names, help=f"some of {','.join(ENDPOINTS)}")
    add("--rounds", type=int, default=5, help="default: %(default)s")
    add("--seconds", type=int, default=3, help="duration of each measurement (default: %(default)s)")
    add("--warm-up", type=int, default=1, help="seconds of a first round that is not counted (default: %(default)s)")
    add("--connections", type=int, default=32, help="default: %(default)s; at most half the users")
    add("--users", type=int, default=1_000, help="default: %(default)s")
    add("--items", type=int, default=100_000, help="default: %(default)s")
    add("--sessions", type=int, default=100_000, help="default: %(default)s")
    add("--factor", type=int, default=100, help="growth: how many times more rows (default: %(default)s)")
    add("--json", type=Path, default=ROOT / "bench.json", help="file for the figures (default: %(default)s)")
    add("--page", action="store_true", help="write the tables to docs/performance.md")
    options = parser.parse_args(arguments)
    options.template = [folder.resolve() for folder in options.template or [ROOT]]
    if refusal := _refusal(options):
        parser.error(refusal)
    return options


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    if wrk.missing():
        report.tell(wrk.MISSING)
        return 1
    results: dict[str, Any] = {
        "machine": report.machine(),
        "commits": {folder.name: report.commit(folder) for folder in options.template},
        "options": vars(options),
    }
    text = report.heading(results["machine"], results["commits"], options)
    for database in options.database or ("postgresql", "sqlite"):
        tables, results[database] = MEASURES[options.measure](database, options)
        text += f"\n### {database}\n\n{report.listing(results[database]['versions'])}\n\n{tables}"
    report.tell(f"\n{text}")
    options.json.write_text(json.dumps(results, indent=1, default=str), "utf-8")
    if options.page:
        report.write_page(text)
    return 0


def _refusal(options: argparse.Namespace) -> str | None:
    """Return why these options cannot be used together."""
    refusals = {
        "--template must be a checkout of this repository": not all(
            (folder / "copier.yml").exists() for folder in options.template
        ),
        "the folders of --template need different names: the tables show them": (
            len({folder.name for folder in options.template}) < len(options.template)
        ),
        "--connections must be at most half of --users": (
            options.measure != "load" and 2 * options.connections > options.users
        ),
        "--factor must be at least 2": options.factor < SMALLEST_FACTOR,
        "load measures its own endpoints: leave --only out": options.measure == "load" and options.only,
        "--page needs all tables of cost: leave the measure, --only and --database out": (
            options.page and (options.measure != "cost" or options.only or options.database)
        ),
    }
    return next((refusal for refusal, applies in refusals.items() if applies), None)


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(ENDPOINTS):
        message = f"unknown: {', '.join(sorted(unknown))}"
        raise argparse.ArgumentTypeError(message)
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
