"""
Read pages that a reader follows step by step: commands to type, edits to make, and output to expect.

The sentence before an edit contains its file in backticks, and ends with a colon. A `diff` block replaces texts of the
file, with `@@` between them; a further one without a sentence belongs to the same file. Other code is a new file, or
the end of a file.
Commands fail only if their sentence begins with "This fails". Blocks in the languages `SHOWN` are only shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edits import Change

BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w.-]*(?:/[\w.-]+)*\.\w+)`[^`]*:$", re.DOTALL)
PART = re.compile(r"^@@\n", re.MULTILINE)
COMMANDS = ("bash", "sh")
OUTPUT = ("json", "text")
SHOWN = ("console", "cron", "pycon")


@dataclass(frozen=True)
class Commands:
    """Commands that are typed one after the other in the same terminal."""

    text: str
    fails: bool


@dataclass(frozen=True)
class Output:
    """What the commands above print, among other things."""

    text: str


@dataclass(frozen=True)
class Edit:
    """An edit of a file of the project."""

    file: str
    text: str
    diff: bool

    def make(self, project: Path) -> None:
        path = project / self.file
        old = path.read_text("utf-8") if path.exists() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        # The formatter removes blank lines at the beginning of a block.
        blank = "\n\n" if old and path.suffix == ".py" else ""
        path.write_text(self._replaced(old) if self.diff else old + blank + self.text, "utf-8")

    def _replaced(self, text: str) -> str:
        for part in PART.split(self.text):
            old, new = ("".join(f"{line[1:]}\n" for line in part.splitlines() if line[:1] != other) for other in "+-")
            text = Change(self.file, old, new).applied(text)
        return text


Step = Commands | Output | Edit


def steps(page: str) -> Iterator[Step]:
    """Yield the steps of a page, in order."""
    file, end = "", 0
    for block in BLOCK.finditer(page):
        sentence = page[end : block.start()].strip().rpartition("\n\n")[2].strip()
        language, text = block["language"], re.sub(f"^{block['indent']}", "", block["text"], flags=re.MULTILINE)
        end = block.end()
        if language in SHOWN:
            continue
        if language in COMMANDS:
            yield Commands(text, fails=sentence.startswith("This fails"))
        elif language in OUTPUT:
            yield Output(text)
        else:
            if sentence or not file:
                found = FILE.search(sentence)
                assert found, f"the sentence before a block does not say its file: {sentence!r}"
                file = found[1]
            yield Edit(file, text, diff=language == "diff")
