"""An update keeps resources that `scripts/new_resource.py` wrote, and what the owner changed in them."""

from pathlib import Path

import pytest
from conftest import Render, own
from edits import Change, make
from environments import install
from later import LATER
from releases import NEXT, commit, git, is_major, latest
from stories import EVERYWHERE, PYTEST, STYLE, succeed
from test_new_resource import GENERATE, LINES, ORDERS
from updates import conflicts, contents, follow, update

pytestmark = pytest.mark.updates

# 1.0 is the first release with the generator.
BEFORE = NEXT if is_major() else f"v{latest()}"
MESSAGE = "An order with this reference exists."


@pytest.mark.minutes(1)
def test_generated_resources_and_their_edits_are_kept(render: Render, tmp_path: Path, later_template: Path) -> None:
    project = own(render({}, BEFORE), tmp_path / "my-api")
    for resource in (ORDERS, LINES):
        install(project).succeed(project, f"{GENERATE} {resource}")
    make([Change("app/services/orders.py", MESSAGE, "This reference is taken.")], project)
    written = set(git(project, "ls-files", "--others", "--exclude-standard").split())
    mine = {name: text for name, text in contents(project).items() if name in written}
    commit(project, "Orders and their lines")
    follow(project, later_template)

    update(project, LATER)

    assert len(mine) > 20
    assert conflicts(project) == []
    assert {name: text for name, text in contents(project).items() if name in written} == mine
    succeed(project, "alembic merge heads --rev-id=joined --message=Joined")
    tests = [name for name in sorted(written) if "/test_" in name]
    succeed(project, f"{STYLE} && {PYTEST} {' '.join([*EVERYWHERE, *tests])}")
