"""The owner's work in a project of 0.x. Some of it is in files or uses names that 1.0 moves, removes or changes."""

from pathlib import Path

import owner
from combinations import ROOT
from edits import END, Change, Edit, Insert, make

STORY = ROOT / "tests/story_0"
LIMIT = 'ORDERS = Limit("orders", RateLimitItemPerMinute(20, 1))\n'

# In files that 1.0 moves. The first edit is merged, the second one conflicts with changes of the template.
MOVING: list[Edit] = [
    Insert("app/core/cors.py", "            allow_origins=", "            max_age=60,\n"),
    Insert("app/core/throttling.py", "PASSWORD_FAILURES", LIMIT),
]
# In files that 1.0 removes. The first edit is still needed, in the file `NOW`. The second one is not.
GOING: list[Edit] = [
    Insert("app/services/passwords.py", "log = ", 'AUTH_TEAM = "orders"\n'),
    Change("app/cli/tables.py", 'GAP = "  "', 'GAP = "   "'),
]
GONE = ['AUTH_TEAM = "orders"', 'GAP = "   "']
NOW = "app/services/auth.py"
# An edit with names that 1.0 changes.
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
    """Do the same work as in a project of 1.x."""
    make(EDITS, project)
    owner.write(owner.STORY, project)
    owner.write(STORY, project)
    owner.leave(project)
