"""Compare the cost of requests in two projects that differ only in the number of rows."""

import argparse
from contextlib import ExitStack
from typing import Any

from bench import report
from bench.endpoints import ENDPOINTS, check
from bench.measure import Plan, measure_in_turn
from bench.targets import Scale, project

DEFAULT = ("me", "get", "list", "deep", "my", "rare", "frequent", "none", "refresh", "login")
# More than a page, so that a user's own items fill a page in both projects.
ITEMS_OF_A_USER = 25


def run(database: str, options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Compare the CPU time of server and database."""
    users = min(options.users, options.items // options.factor // ITEMS_OF_A_USER)
    sizes = {
        f"{options.items // divisor:,} items": Scale(users, options.items // divisor, options.sessions // divisor)
        for divisor in (options.factor, 1)
    }
    with ExitStack() as stack:
        targets = [
            stack.enter_context(project(name, options.template[0], database, scale)) for name, scale in sizes.items()
        ]
        for target, scale in zip(targets, sizes.values(), strict=True):
            check(target, items=scale.items)
        endpoints = {name: ENDPOINTS[name] for name in options.only or DEFAULT}
        figures = report.follow(measure_in_turn(targets, endpoints, Plan.from_options(options)))
    small, large = sizes
    ratios = report.ratios(figures, large, small, with_database=True)
    table = report.ratio_table(f"CPU per request of server and database, {large} ÷ {small}", ratios)
    results = {"versions": report.versions(targets[0].environment), "ratios": ratios}
    return f"{table}\n{report.figure_table(figures)}", {**results, "figures": report.as_json(figures)}
