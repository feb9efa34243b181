"""docs/security.md names a proof for each guarantee, and the proofs exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/security.md"
ROWS = [row.split(" | ") for row in PAGE.read_text("utf-8").splitlines() if row.startswith("| ") and "`tests/" in row]
PROOF = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].removeprefix("| "))
def test_a_guarantee_has_a_proof(row: list[str]) -> None:
    _, proofs, source = row

    assert not PROOF.sub("", proofs).strip(", ")
    for path, name in PROOF.findall(proofs):
        assert not name or re.search(rf"^class {name}\b", (ROOT / path).read_text("utf-8"), re.MULTILINE)
        assert (ROOT / path).exists()
    assert source.removesuffix(" |")


def test_there_are_guarantees() -> None:
    assert len(ROWS) > 20
