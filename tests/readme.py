"""Read commands from the documentation, so that tests run exactly these commands."""

import os
import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^ *```(?:sh|bash|console)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# The tests replace these commands: they share virtual environments, and start databases without containers.
DONE_BEFORE = re.compile(
    r"^(cd |python3? -m venv|uv venv|uv pip install|(python -m )?pip install|\. |source |docker |createdb)"
)


def section(document: Path, title: str) -> str:
    """Return the text under a heading, including its subheadings. A single # may be a comment in a shell command."""
    text = document.read_text("utf-8")
    _, found, rest = re.split(rf"^(#+) {re.escape(title)}\n", text, maxsplit=1, flags=re.MULTILINE)
    return re.split(rf"^#{{2,{len(found)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def commands(text: str) -> list[str]:
    """Return every command line, without prompts and comments. Continuation lines are joined."""
    joined = "\n".join(BLOCK.findall(text)).replace("\\\n", " ")
    stripped = (re.sub(r"\s+#.*$", "", line).strip().removeprefix("$ ") for line in joined.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def quick_start(document: Path) -> list[str]:
    """Return the commands that start a new project. The last one starts the server."""
    return [command for command in commands(section(document, "Quick start")) if not DONE_BEFORE.match(command)]


def type_in(project: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a document in a shell, with defaults for all questions."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if "--defaults" not in line:
        line = re.sub(r"uvx copier (copy|update)", r"uvx copier \1 --defaults", line)
    line = line.replace("uvx copier", "copier")
    return subprocess.run(
        ["bash", "-euc", line],
        cwd=project,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
