"""Measure one target, and measure several targets in turn."""

import time
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from bench import wrk
from bench.endpoints import Endpoint
from bench.targets import Person, Target

IDLE_SECONDS = 0.1
# The CPU clock of processes has steps of 10 ms.
IDLE_CPU_SECONDS = 0.01


@dataclass(frozen=True)
class Plan:
    """How often and how long to measure. The warm-up round is not counted."""

    rounds: int
    seconds: int
    connections: int
    warm_up: int

    @classmethod
    def from_options(cls, options: Namespace) -> Self:
        return cls(options.rounds, options.seconds, options.connections, options.warm_up)


@dataclass(frozen=True)
class Cost:
    """The cost of one kind of request: CPU time for each request, and the measurements of the clients."""

    server_ms: float
    database_ms: float
    load: wrk.Load


@dataclass(frozen=True)
class Figure:
    """The cost in one round."""

    round: int
    endpoint: str
    target: str
    cost: Cost


def measure(target: Target, endpoint: Endpoint, people: list[Person], connections: int, seconds: int) -> Cost:
    """Load a target with one kind of request."""
    requests = list(endpoint.requests(target, people))
    connections = min(connections, endpoint.most_connections)
    server, database = target.server_seconds(), target.database_seconds()
    load = wrk.run(target.client.base, endpoint.kind, requests, connections, seconds)
    wait_until_idle(target)
    # wrk stops in the middle of a request on each connection, and the server finishes it.
    served = load.requests + connections
    server, database = target.server_seconds() - server, target.database_seconds() - database
    return Cost(server * 1000 / served, database * 1000 / served, load)


def measure_in_turn(targets: Sequence[Target], endpoints: Mapping[str, Endpoint], plan: Plan) -> Iterator[Figure]:
    """Measure all targets in each round, in alternating order, so that other programs slow all of them."""
    durations = [*([plan.warm_up] if plan.warm_up else []), *([plan.seconds] * plan.rounds)]
    for number, seconds in enumerate(durations, plan.rounds - len(durations) + 1):
        # wrk reads some requests before the first response, so twice as many are enough.
        people = {target.name: target.sign_in(2 * plan.connections) for target in targets}
        for name, endpoint in endpoints.items():
            for target in targets if number % 2 else reversed(targets):
                cost = measure(target, endpoint, people[target.name], plan.connections, seconds)
                if number:
                    yield Figure(number, name, target.name, cost)


def wait_until_idle(target: Target) -> None:
    before, now = -1.0, target.server_seconds()
    while now - before > IDLE_CPU_SECONDS:
        time.sleep(IDLE_SECONDS)
        before, now = now, target.server_seconds()
