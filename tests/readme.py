"""Read commands out of documents, so that what a reader types is what is tested."""

import os
import re
import subprocess
import sys
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


def type_in(project: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run what a document says, in a shell as a user has it, with nobody there to answer questions."""
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
