"""Each guarantee in docs/security.md names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/security.md"
if not PAGE.exists():
    pytest.skip("docs/security.md was deleted", allow_module_level=True)
ROWS = [row.split(" | ") for row in PAGE.read_text("utf-8").splitlines() if row.startswith("| ") and "`tests/" in row]
PROOF = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].removeprefix("| "))
def test_each_guarantee_names_existing_tests(row: list[str]) -> None:
    _, proofs, source = row
    named = PROOF.findall(proofs)
    deleted = [path for path, _ in named if not (ROOT / path).exists()]

    assert not PROOF.sub("", proofs).strip(", ")
    for path, name in named:
        if name and path not in deleted:
            assert re.search(rf"^class {name}\b", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    assert source.removesuffix(" |")
    if deleted:
        pytest.skip(f"docs/security.md names {', '.join(deleted)}, which was deleted")
