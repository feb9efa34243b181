"""The releases that `releases.toml` records, and copies of the template that have them as tags."""

import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "releases.toml"
# Whoever has no identity of their own can still run the tests.
IDENTITY = ("-c", "user.name=Template", "-c", "user.email=template@example.com")

Version = tuple[int, int, int]


class UnknownReleaseError(Exception):
    """A recorded commit that this clone does not have."""

    def __init__(self, version: str, commit: str) -> None:
        super().__init__(
            f"releases.toml records v{version} as {commit}, which is not in this history. "
            "Is the clone shallow? `git fetch --unshallow` completes it."
        )


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def recorded() -> dict[str, str]:
    """Give each released version's commit, oldest first."""
    releases: dict[str, str] = tomllib.loads(RECORD.read_text("utf-8"))["releases"]
    return dict(sorted(releases.items(), key=lambda release: parse(release[0])))


def parse(version: str) -> Version:
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def latest() -> str | None:
    return next(reversed(recorded()), None)


def following(version: str | None) -> str:
    """Give the version that the working tree will be: the next minor one."""
    major, minor, _ = parse(version or "0.0.0")
    return f"{major}.{minor + 1}.0"


NEXT = f"v{following(latest())}"


def lay_tags(folder: Path) -> None:
    """
    Tag every recorded release.

    Raises:
        UnknownReleaseError: where the history does not have a recorded commit.

    """
    for version, commit in recorded().items():
        known = subprocess.run(
            ["git", "merge-base", "--is-ancestor", commit, "HEAD"], cwd=folder, check=False, capture_output=True
        )
        if known.returncode:
            raise UnknownReleaseError(version, commit)
        git(folder, "tag", "--force", f"v{version}", commit)


def snapshot(target: Path) -> None:
    """Clone the working tree with its uncommitted changes, tagged as the next release after all the others."""
    git(ROOT, "clone", "--quiet", "--no-checkout", "--no-tags", str(ROOT), str(target))
    lay_tags(target)
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    commit(target, "The working tree")
    git(target, "tag", NEXT)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, *IDENTITY, "commit", "--quiet", "--allow-empty", "--message", message)
