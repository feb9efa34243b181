"""The owner's work in a project of 0.x: some is in files that 1.0 moves or removes, some uses names that it changes."""

from pathlib import Path

import owner
from combinations import ROOT
from edits import END, Change, Edit, Insert, make

STORY = ROOT / "tests/story_0"
LIMIT = 'ORDERS = Limit("orders", RateLimitItemPerMinute(20, 1))\n'

# In files that move. The first one arrives with its file, the second one where the template has changed everything.
MOVING: list[Edit] = [
    Insert("app/core/cors.py", "            allow_origins=", "            max_age=60,\n"),
    Insert("app/core/throttling.py", "PASSWORD_FAILURES", LIMIT),
]
# In files that go. The first one is needed in 1.0 too, in the file `NOW`; nobody needs the second one any more.
GOING: list[Edit] = [
    Insert("app/services/passwords.py", "log = ", 'AUTH_TEAM = "orders"\n'),
    Change("app/cli/tables.py", 'GAP = "  "', 'GAP = "   "'),
]
GONE = ['AUTH_TEAM = "orders"', 'GAP = "   "']
NOW = "app/services/auth.py"
# With names that change.
ENDPOINT = owner.ENDPOINT.replace("caller.user.", "caller.")
NAMES = Change("app/routers/users.py", ENDPOINT, owner.ENDPOINT)
DIFFERENT = {"app/core/http/cors.py", "app/core/security/throttling.py", NOW, "app/routers/users.py"}
EDITS = [
    *(edit for edit in owner.EDITS if edit.file not in DIFFERENT),
    *MOVING,
    *GOING,
    Insert("app/routers/users.py", END, ENDPOINT),
]


def work_on(project: Path) -> None:
    """Do the same as the owner of a project of 1.x."""
    make(EDITS, project)
    owner.write(owner.STORY, project)
    owner.write(STORY, project)
    owner.leave(project)
