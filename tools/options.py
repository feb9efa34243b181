"""Write docs/options.md from copier.yml, which describes the questions."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/options.md"
HEAD = """\
# Options

Made from `copier.yml` by `tools/options.py`: do not edit it here. Every choice is a public interface: a later release
renames and removes none.

| question | answers | default | |
|---|---|---|---|
"""


def options() -> str:
    """Return the current page."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
    return HEAD + "".join(_row(name, details) for name, details in config.items() if not name.startswith("_"))


def _row(name: str, details: dict[str, Any]) -> str:
    derived = details.get("when") is False
    default = "made from other answers" if derived else f"`{_spell(details['default'])}`"
    return f"| `{name}` | {'not asked' if derived else _answers(details)} | {default} | {details['help']} |\n"


def _answers(details: dict[str, Any]) -> str:
    if "choices" not in details:
        return "one line of text"
    return ", ".join(f"`{_spell(value)}`" for value in details["choices"].values())


def _spell(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


if __name__ == "__main__":
    PAGE.write_text(options(), "utf-8")
