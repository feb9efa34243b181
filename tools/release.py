"""
Record the next release: `python tools/release.py 0.2.0`.

HEAD is what is released: its changelog has the version's section. The commit after it records which commit that was.
"""

import re
import subprocess
import sys

from releases import RECORD, ROOT, git, latest, parse, recorded

SECTION = r"^## {version} — \d{{4}}-\d{{2}}-\d{{2}}\n(?P<text>.*?)(?=^## |\Z)"
AFTER_UPDATING = re.compile(r"^### After updating\n\n+\S", re.MULTILINE)


def refusal(version: str, changelog: str) -> str | None:
    """Say why this must not be released, if so."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        return "Name the version as in `nox -s release -- 0.2.0`."
    if version in recorded() or ((last := latest()) and parse(version) <= parse(last)):
        return f"{version} is not newer than the last release."
    section = re.search(SECTION.format(version=re.escape(version)), changelog, re.MULTILINE | re.DOTALL)
    if section is None:
        return f"CHANGELOG.md has no section `## {version} — YYYY-MM-DD`."
    if not AFTER_UPDATING.search(section["text"]):
        return f"The section of {version} in CHANGELOG.md says nothing under `### After updating`."
    return None


def unready(version: str) -> str | None:
    """Say what of this clone would stop the release half-way."""
    if git(ROOT, "status", "--porcelain"):
        return "Commit everything first: HEAD is what is released."
    if git(ROOT, "tag", "--list", f"v{version}"):
        return f"The tag v{version} is there already: `git tag --delete v{version}` if nobody has it."
    if subprocess.run(["git", "var", "GIT_COMMITTER_IDENT"], cwd=ROOT, check=False, capture_output=True).returncode:
        return "git does not know who you are: set user.name and user.email."
    return None


def main() -> None:
    version = "".join(sys.argv[1:]).removeprefix("v")
    reason = refusal(version, (ROOT / "CHANGELOG.md").read_text("utf-8"))
    if reason := reason or unready(version):
        sys.exit(reason)
    released = git(ROOT, "rev-parse", "HEAD").strip()
    with RECORD.open("a", encoding="utf-8") as record:
        record.write(f'"{version}" = "{released}"\n')
    git(ROOT, "commit", "--quiet", "--message", f"chore(release): record v{version}", "--", RECORD.name)
    git(ROOT, "tag", "--annotate", "--message", f"v{version}", f"v{version}", released)
    print(f"v{version} is {released}. Push main and the tag: git push origin main v{version}")  # noqa: T201


if __name__ == "__main__":
    main()
