"""The CPU time of requests, compared with the floor."""

import argparse
from contextlib import ExitStack
from typing import Any

from bench import report
from bench.endpoints import ENDPOINTS, check
from bench.measure import Plan, measure_in_turn
from bench.targets import Scale, floor, project

DEFAULT = ("me", "get", "list", "rare", "frequent", "create", "patch", "refresh", "login")


def run(database: str, options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Measure every template and the floor. Without a floor, the last template is the base of comparison."""
    scale = Scale(options.users, options.items, options.sessions)
    templates = options.template
    names = [folder.name for folder in templates] if len(templates) > 1 else ["template"]
    with ExitStack() as stack:
        targets = [
            stack.enter_context(project(name, folder, database, scale))
            for name, folder in zip(names, templates, strict=True)
        ]
        environment = targets[0].environment
        if database == "postgresql":
            targets.append(stack.enter_context(floor(environment, scale)))
        for target in targets:
            check(target, items=scale.items)
        endpoints = {name: ENDPOINTS[name] for name in options.only or DEFAULT}
        figures = report.follow(measure_in_turn(targets, endpoints, Plan.from_options(options)))
    base = targets[-1].name
    ratios = {target.name: report.ratios(figures, target.name, base) for target in targets[:-1]}
    tables = [report.ratio_table(f"server CPU per request, {name} ÷ {base}", table) for name, table in ratios.items()]
    results = {"versions": report.versions(environment), "ratios": ratios, "figures": report.as_json(figures)}
    return "\n".join([*tables, report.figure_table(figures)]), results
