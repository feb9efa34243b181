"""Read commands out of documents, so that what a reader types is what is tested."""

import re
from pathlib import Path

BLOCK = re.compile(r"^ *```(?:sh|bash|console)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# Done by the tests in ways of their own: environments are shared, and databases have no containers here.
DONE_BEFORE = re.compile(
    r"^(cd |python3? -m venv|uv venv|uv pip install|(python -m )?pip install|\. |source |docker |createdb)"
)


def section(document: Path, title: str) -> str:
    """Give the text under a heading, subheadings included. One # alone may be a comment of a shell."""
    text = document.read_text("utf-8")
    _, found, rest = re.split(rf"^(#+) {re.escape(title)}\n", text, maxsplit=1, flags=re.MULTILINE)
    return re.split(rf"^#{{2,{len(found)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def commands(text: str) -> list[str]:
    """Give every command line, without prompts, comments and continuation lines."""
    joined = "\n".join(BLOCK.findall(text)).replace("\\\n", " ")
    stripped = (re.sub(r"\s+#.*$", "", line).strip().removeprefix("$ ") for line in joined.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def quick_start(document: Path) -> list[str]:
    """Give what brings a fresh project up, the server's command last."""
    return [command for command in commands(section(document, "Quick start")) if not DONE_BEFORE.match(command)]
