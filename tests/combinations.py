"""Every combination of answers, computed from copier.yml, so that a new question is included automatically."""

from itertools import product
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
DEFINITIONS: dict[str, dict[str, Any]] = {name: value for name, value in CONFIG.items() if not name.startswith("_")}
QUESTIONS = {name: details for name, details in DEFINITIONS.items() if details.get("when", True) is not False}

Answers = dict[str, Any]


def choices(details: dict[str, Any]) -> list[Any]:
    """Return every answer that a question offers, and none for free text."""
    offered = details.get("choices", [True, False] if details["type"] == "bool" else [])
    return list(offered.values()) if isinstance(offered, dict) else list(offered)


def label(answers: Answers) -> str:
    """Return the name of a combination, such as `sqlite-docker-no_items`."""
    words = {True: "{name}", False: "no_{name}"}
    return "-".join(
        words[value].format(name=name) if isinstance(value, bool) else value for name, value in answers.items()
    )


FEATURES = {name: offered for name, details in QUESTIONS.items() if (offered := choices(details))}
COMBINATIONS: dict[str, Answers] = {
    label(answers): answers
    for answers in (dict(zip(FEATURES, values, strict=True)) for values in product(*FEATURES.values()))
}
DEFAULTS: Answers = {name: details["default"] for name, details in QUESTIONS.items()}
