"""
Record the next release: `python tools/release.py 0.2.0`.

It releases HEAD, whose changelog must have a section for the version. One more commit adds a line to `releases.toml`,
and gets the tag. So a clone without tags, which uses the newest commit, also generates exactly the release.
"""

import re
import subprocess
import sys

from releases import RECORD, ROOT, THIS_COMMIT, git, latest, parse, recorded

SECTION = r"^## {version} — \d{{4}}-\d{{2}}-\d{{2}}\n(?P<text>.*?)(?=^## |\Z)"
AFTER_UPDATING = re.compile(r"^### After updating\n\n+\S", re.MULTILINE)


def refusal(version: str, changelog: str) -> str | None:
    """Return why this version must not be released, or None."""
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
    """Return what in this clone would stop the release halfway, or None."""
    if git(ROOT, "status", "--porcelain"):
        return "Commit everything first: only committed files are released."
    if git(ROOT, "tag", "--list", f"v{version}"):
        return f"The tag v{version} exists already. If it was not pushed: `git tag --delete v{version}`."
    if subprocess.run(["git", "var", "GIT_COMMITTER_IDENT"], cwd=ROOT, check=False, capture_output=True).returncode:
        return "git does not know who you are: set user.name and user.email."
    return None


def main() -> None:
    version = "".join(sys.argv[1:]).removeprefix("v")
    reason = refusal(version, (ROOT / "CHANGELOG.md").read_text("utf-8"))
    if reason := reason or unready(version):
        sys.exit(reason)
    text = RECORD.read_text("utf-8")
    if (last := latest()) and THIS_COMMIT in text:
        text = text.replace(THIS_COMMIT, recorded()[last])
    RECORD.write_text(f'{text}"{version}" = "{THIS_COMMIT}"\n', "utf-8")
    git(ROOT, "commit", "--quiet", "--message", f"chore(release): v{version}", "--", RECORD.name)
    git(ROOT, "tag", "--annotate", "--message", f"v{version}", f"v{version}")
    print(f"v{version} is HEAD. Push main and the tag: git push origin main v{version}")  # noqa: T201


if __name__ == "__main__":
    main()
