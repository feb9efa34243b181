"""The lock files pin the requirements of `pyproject.toml`. If not, run `python scripts/lock.py`."""

import re
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[2]
PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)
ASKED: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("lock", "asked"),
    [
        ("requirements.txt", ASKED["project"]["dependencies"]),
        ("requirements-dev.txt", [*ASKED["project"]["dependencies"], *ASKED["dependency-groups"]["dev"]]),
    ],
)
def test_the_locks_pin_every_requirement(lock: str, asked: list[str]) -> None:
    versions: dict[str, list[str]] = defaultdict(list)
    for pin in PIN.finditer((PROJECT / lock).read_text("utf-8")):
        versions[canonicalize_name(pin["name"])].append(pin["version"])

    requirements = [Requirement(text) for text in asked if "@" not in text]
    missing = [
        str(requirement)
        for requirement in requirements
        if not any(requirement.specifier.contains(version) for version in versions[canonicalize_name(requirement.name)])
    ]

    assert missing == [], f"{lock} does not pin these; run `python scripts/lock.py`"
