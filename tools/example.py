"""
Write tests/example.diff: how the example differs from what `scripts/new_resource.py` writes for the same fields.

Both have to stay alike. tests/test_new_resource.py fails if one of them changes alone. Run this after a change that is
meant, and read the difference: every line of it must follow from the rule that other users see active items.
"""

import json
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "tests/example.diff"
LAYERS = ("models", "schemas", "repositories", "services", "routers")
FIELDS = ["name:str(200)", "description:text?", "status:draft|active|archived=draft"]
PLAN = f"""
import json
from scripts.resource import Access
from scripts.resource.writing import plan
print(json.dumps(plan("items", {FIELDS}, singular=None, access=Access.OWNER, search=True).files))
"""


def difference(project: Path, python: str) -> str:
    """Return the difference of each layer, without line numbers."""
    planned = subprocess.run([python, "-c", PLAN], cwd=project, check=True, capture_output=True, text=True)
    files = json.loads(planned.stdout)
    return "".join(_compare(project, f"app/{layer}/items.py", files) for layer in LAYERS)


def _compare(project: Path, name: str, files: dict[str, str]) -> str:
    written, example = (text.splitlines() for text in (files[name], (project / name).read_text("utf-8")))
    lines = unified_diff(written, example, f"generated/{name}", name, lineterm="", n=0)
    return "".join(f"{'@@' if line.startswith('@@') else line}\n" for line in lines)


if __name__ == "__main__":
    RECORD.write_text(difference(ROOT / "template", sys.executable), "utf-8")
