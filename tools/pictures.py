"""
Make the pictures of README.md from the real thing: the questions of Copier, and the documentation of a generated API.

`nox -s pictures` runs it. It needs Chromium. `docs/pictures/inputs.json` records what the pictures show, so that a test
can compare it without Chromium.
"""

import fcntl
import hashlib
import io
import json
import os
import pty
import re
import struct
import subprocess
import tempfile
import termios
from pathlib import Path
from typing import Any

import pyte
import yaml
from browser import browsing, new_page
from environments import install
from playwright.sync_api import expect
from releases import snapshot
from rich.console import Console
from rich.style import Style
from rich.text import Text
from servers import serving

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/pictures"
INPUTS = FOLDER / "inputs.json"
COLUMNS, LINES = 118, 24
# The picture shows the first questions with their answers, and this one with its choices.
LAST_QUESTION = "database"
START = "python cli.py init-env && python cli.py init-db && exec python run.py"
# The picture must not load fonts from another server.
FONTS = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)


def inputs(document: dict[str, Any]) -> dict[str, str]:
    """Return a digest of what each picture shows: the questions, and the operations of the document."""
    config = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
    questions = {name: details for name, details in config.items() if not name.startswith("_")}
    operations = [
        [path, method, operation["summary"], operation["tags"]]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return {"questions.svg": _digest(questions), "swagger.png": _digest([operations, document["tags"]])}


def _digest(data: object) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


class Terminal(pyte.Screen):
    """A terminal that answers when the program asks for the position of the cursor."""

    def __init__(self, device: int) -> None:
        super().__init__(COLUMNS, LINES)
        self.device = device
        self.stream = pyte.ByteStream(self)

    def wait_for(self, text: str) -> None:
        """Show what the program prints, until this text is on the screen."""
        while not any(text in line for line in self.display):
            self.stream.feed(os.read(self.device, 4096))

    def write_process_input(self, data: str) -> None:
        os.write(self.device, data.encode())


def questions(template: Path, folder: Path) -> Text:
    """Answer the questions with Enter, as far as the picture shows them, and return the screen."""
    config = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
    names = [name for name in config if not name.startswith("_")]
    process, device = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp("copier", ["copier", "copy", "--vcs-ref=HEAD", str(template), str(folder / "my-api")])  # noqa: S606
    fcntl.ioctl(device, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    screen = Terminal(device)
    for name in names[: names.index(LAST_QUESTION)]:
        screen.wait_for(config[name]["help"][:40])
        os.write(device, b"\r")
    screen.wait_for(list(config[LAST_QUESTION]["choices"])[-1])
    os.close(device)
    os.waitpid(process, 0)
    return _text(screen)


def _text(screen: pyte.Screen) -> Text:
    text = Text()
    for number in range(screen.lines):
        row = screen.buffer[number]
        for char in (row[column] for column in range(screen.columns)):
            text.append(char.data, Style(bold=char.bold, reverse=char.reverse, color=_color(char.fg)))
        text.append("\n")
    text.rstrip()
    return text


def _color(name: str) -> str | None:
    if name == "default":
        return None
    return f"#{name}" if re.fullmatch(r"[0-9a-f]{6}", name) else name.replace("brown", "yellow")


def draw_questions(template: Path, folder: Path) -> None:
    """Write the picture of the questions."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(questions(template, folder))
    picture = console.export_svg(title="uvx copier copy", unique_id="questions")
    (FOLDER / "questions.svg").write_text(FONTS.sub("", picture), "utf-8")


def photograph(template: Path, folder: Path) -> dict[str, Any]:
    """Take the picture of Swagger, and return the OpenAPI document."""
    project = folder / "my-api"
    subprocess.run(["copier", "copy", "--defaults", "--quiet", "--vcs-ref=HEAD", template, project], check=True)
    with serving(install(project), project, START) as client, browsing() as browser:
        page = new_page(browser)
        page.goto(f"{client.base}/api/docs/swagger")
        expect(page.locator(".opblock").first).to_be_visible()
        page.screenshot(path=FOLDER / "swagger.png")
        document: dict[str, Any] = client.get("/api/docs/openapi.json")[1]
        return document


def main() -> None:
    """Make both pictures, and record what they show."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        snapshot(folder / "template")
        draw_questions(folder / "template", folder)
        document = photograph(folder / "template", folder)
    INPUTS.write_text(json.dumps(inputs(document), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
