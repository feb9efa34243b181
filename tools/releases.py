"""
Read the releases from `releases.toml`, and make copies of the template with a tag for each release.

`python tools/releases.py` adds the tags to this clone, if it was cloned without tags.
"""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "releases.toml"
# The newest release is the commit that adds its line. A commit cannot contain its own hash; the next release adds it.
THIS_COMMIT = "this commit"
# Used instead of the developer's identity, which may be missing.
IDENTITY = ("-c", "user.name=Template", "-c", "user.email=template@example.com")

Version = tuple[int, int, int]


class UnknownReleaseError(Exception):
    """A recorded commit is missing in this clone."""

    def __init__(self, version: str, commit: str) -> None:
        super().__init__(
            f"releases.toml records v{version} as {commit}, which is not in this history. "
            "Is the clone shallow? `git fetch --unshallow` completes it."
        )


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def recorded() -> dict[str, str]:
    """Return the commit of each released version, oldest first."""
    lines: dict[str, str] = tomllib.loads(RECORD.read_text("utf-8"))["releases"]
    releases = {version: _added(version) if commit == THIS_COMMIT else commit for version, commit in lines.items()}
    return dict(sorted(releases.items(), key=lambda release: parse(release[0])))


def _added(version: str) -> str:
    """Return the commit that added the line of a release."""
    found = git(ROOT, "log", "--reverse", "--format=%H", "-S", f'"{version}" = ', "--", RECORD.name).split()
    if not found:
        raise UnknownReleaseError(version, THIS_COMMIT)
    return found[0]


def parse(version: str) -> Version:
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def latest() -> str | None:
    return next(reversed(recorded()), None)


def following(version: str | None) -> str:
    """Return the next minor version."""
    major, minor, _ = parse(version or "0.0.0")
    return f"{major}.{minor + 1}.0"


def upcoming(changelog: str) -> str:
    """Return the version of the working tree: the first one in the changelog, or the next minor version."""
    last = latest()
    named = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    return named[1] if named and parse(named[1]) > parse(last or "0.0.0") else following(last)


NEXT = f"v{upcoming((ROOT / 'CHANGELOG.md').read_text('utf-8'))}"


def is_major() -> bool:
    """Return whether the working tree is a new major version, which may move and remove files."""
    return parse(NEXT.removeprefix("v"))[0] > parse(latest() or "0.0.0")[0]


def lay_tags(folder: Path) -> None:
    """
    Tag every recorded release that has no tag.

    Raises:
        UnknownReleaseError: if the history does not have a recorded commit.

    """
    tags = git(folder, "tag", "--list").split()
    for version, commit in recorded().items():
        known = subprocess.run(
            ["git", "merge-base", "--is-ancestor", commit, "HEAD"], cwd=folder, check=False, capture_output=True
        )
        if known.returncode:
            raise UnknownReleaseError(version, commit)
        if f"v{version}" not in tags:
            git(folder, "tag", f"v{version}", commit)


def snapshot(target: Path) -> None:
    """Clone the working tree with its uncommitted changes, and tag it as the next release."""
    git(ROOT, "clone", "--quiet", "--no-checkout", "--no-tags", str(ROOT), str(target))
    lay_tags(target)
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    commit(target, "The working tree")
    git(target, "tag", NEXT)
    # Each update clones it five times. One file is copied much faster than thousands of objects.
    git(target, "repack", "-a", "-d", "--quiet")


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, *IDENTITY, "commit", "--quiet", "--allow-empty", "--message", message)


if __name__ == "__main__":
    lay_tags(ROOT)
