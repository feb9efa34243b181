"""Print each installed package that another package requires with extras, in the form of a lock file."""

from importlib.metadata import distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

for distribution in distributions():
    for line in distribution.requires or ():
        wanted = Requirement(line)
        if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            print(f"{canonicalize_name(wanted.name)}[{','.join(sorted(wanted.extras))}]==")  # noqa: T201
