"""Measure a project under overload, and the latency of requests during expensive ones."""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

from bench import report, wrk
from bench.endpoints import ENDPOINTS
from bench.measure import wait_until_idle
from bench.targets import Person, Scale, Target, bearer, project

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECTIONS = 200
WRITERS = 50
LOGINS = 20
MIB = 1024 * 1024
CLEAN_UP = "python cli.py cleanup-tokens --retention-days 0"

Rows = list[tuple[str, ...]]
Work = tuple[str, "Callable[[], object]"]


def run(database: str, options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Run both measurements on one project."""
    scale = Scale(options.users, options.items, options.sessions)
    with project("template", options.template[0], database, scale) as target:
        people = target.sign_in(WRITERS)
        overloads = overload(target, people, options.seconds)
        neighbours = beside_others(target, people, options.seconds)
    results = {"versions": report.versions(target.environment), "overload": overloads, "beside": neighbours}
    return f"{_overload_table(overloads)}\n{_beside_table(neighbours)}", results


def overload(target: Target, people: list[Person], seconds: int) -> list[dict[str, Any]]:
    """Count responses, and measure memory and recovery. Memory should grow in the first run only."""
    mixed = list(chain.from_iterable(ENDPOINTS[name].requests(target, people) for name in ("me", "list", "create")))
    writes = list(ENDPOINTS["create"].requests(target, people))
    plans = [
        ("mixed requests", mixed, CONNECTIONS),
        ("the same again", mixed, CONNECTIONS),
        ("writes", writes, WRITERS),
    ]
    found = []
    for name, requests, connections in plans:
        before = target.memory_bytes()
        load = wrk.run(target.client.base, "repeated", requests, connections, seconds)
        recovered = _seconds_to_success(target, people[0])
        # The server still works on requests of clients that have disconnected.
        wait_until_idle(target)
        memory = {"memory_before_mib": before / MIB, "memory_after_mib": target.memory_bytes() / MIB}
        found.append(
            {"name": name, "connections": connections, "recovery_seconds": recovered, **memory, **asdict(load)}
        )
    return found


def _seconds_to_success(target: Target, person: Person) -> float:
    started = time.monotonic()
    while True:
        try:
            target.send("GET", "/api/v1/users/me", bearer(person.access_token))
        except HTTPError:
            time.sleep(0.02)
        else:
            return time.monotonic() - started


def beside_others(target: Target, people: list[Person], seconds: int) -> list[dict[str, Any]]:
    """Measure latency over one connection: alone, during logins at full speed, and during the cleanup of sessions."""
    base = target.client.base
    login = list(ENDPOINTS["login"].requests(target, people))
    me = "GET /users/me", list(ENDPOINTS["me"].requests(target, people))
    live = "GET /health/live", [wrk.Request("GET", "/health/live")]
    nothing: Work = "nothing", lambda: None
    logins: Work = f"logins, {LOGINS} connections", lambda: wrk.run(base, "repeated", login, LOGINS, seconds)
    cleanup: Work = "cleanup-tokens", lambda: target.environment.succeed(target.folder, CLEAN_UP, **target.settings)
    cases = [(me, nothing), (me, logins), (me, cleanup), (live, nothing), (live, logins)]
    found = []
    for (name, requests), (beside, work) in cases:
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(work)
            load = wrk.run(base, "repeated", requests, 1, seconds)
            working.result()
        found.append({"name": name, "beside": beside, **asdict(load)})
    return found


def _overload_table(found: list[dict[str, Any]]) -> str:
    head = ("overload", "connections", "requests/s", "statuses", "failed", "memory MiB", "recovery s")
    rows: Rows = []
    for one in found:
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(one["statuses"].items()))
        memory = f"{one['memory_before_mib']:.0f} → {one['memory_after_mib']:.0f}"
        numbers = (str(one["connections"]), f"{one['requests'] / one['seconds']:.0f}", statuses, str(one["failed"]))
        rows.append((one["name"], *numbers, memory, f"{one['recovery_seconds']:.2f}"))
    return report.table(head, rows)


def _beside_table(found: list[dict[str, Any]]) -> str:
    head = ("latency over one connection", "beside", "p50 ms", "p99 ms")
    rows = [(f"`{one['name']}`", one["beside"], f"{one['p50_ms']:.1f}", f"{one['p99_ms']:.1f}") for one in found]
    return report.table(head, rows)
