"""Each guarantee in docs/security.md of a project names tests that exist in that project."""

import re
from pathlib import Path

ROW = re.compile(r"^\| .* \| (`tests/[^|]*) \| ([^|]+) \|$", re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_guarantee_names_existing_tests(project: Path) -> None:
    """The test of the project itself skips deleted tests. In a new project, none may be missing."""
    rows = ROW.findall((project / "docs/security.md").read_text("utf-8"))
    proofs = [proof for named, _ in rows for proof in PROOF.findall(named)]

    assert len(rows) > 20
    for path, name in proofs:
        assert re.search(rf"^class {name}\b" if name else "", (project / path).read_text("utf-8"), re.MULTILINE), path
