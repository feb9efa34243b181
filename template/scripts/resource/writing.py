"""Plan a resource, and write all of it or nothing."""

import asyncio
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.config import ROOT
from scripts.resource import Access, Refused, project
from scripts.resource.fields import Field, parse
from scripts.resource.names import Names, require_short, resource_names
from scripts.resource.rendering import Resource, render, render_migration

FIRST_SEED = 30
ACCOUNTS = {"users", "sessions"}
SEED_ORDER = re.compile(r"^ORDER = (\d+)$", re.MULTILINE)
UPGRADE = "def upgrade() -> None:\n"


@dataclass(frozen=True)
class Plan:
    """The files of a resource, which are not written yet."""

    resource: Resource
    files: dict[str, str]
    notes: list[str]

    def is_done(self) -> bool:
        """Whether everything is written already."""
        return all(_same(path, text) for path, text in self.files.items()) and bool(self._migrations())

    def write(self) -> list[str]:
        """Write the files and the migration. Returns their paths.

        Raises:
            Refused: before anything is written, or after all of it was removed again.
        """
        self.require_free()
        paths = [ROOT / name for name in self.files]
        try:
            migration = asyncio.run(project.write_migration(f"{self.resource.names.title}.", self._write_files))
            paths.append(migration)
            self._prepare_database(migration)
        except BaseException:
            for path in paths:
                path.unlink(missing_ok=True)
            raise
        return [path.relative_to(ROOT).as_posix() for path in paths]

    def undo(self, written: Sequence[str]) -> str:
        """The command that removes these files. Git removes only those that are not committed."""
        return shlex.join([*(["git", "clean", "--force", "--"] if project.in_repository() else ["rm", "--"]), *written])

    def require_free(self) -> None:
        """Refuse to replace anything.

        Raises:
            Refused: if a file exists, or has changes that are not committed.
        """
        for name in self.files:
            if (ROOT / name).exists():
                raise Refused(f"{name} exists and differs: choose another name, or delete it first.")
        if self._migrations():
            raise Refused(f"{self._migrations()[0]} exists: delete it first, or choose another name.")
        if dirty := project.uncommitted(self.files):
            raise Refused(f"{dirty[0]} has changes that are not committed: commit or restore it first.")

    def _write_files(self) -> None:
        for name, text in self.files.items():
            path = ROOT / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def _migrations(self) -> list[str]:
        """The migrations that create the table."""
        creates = f'op.create_table(\n        "{self.resource.names.plural}",'
        found = [path for path in (ROOT / "migrations/versions").glob("*.py") if creates in path.read_text("utf-8")]
        return [path.relative_to(ROOT).as_posix() for path in found]

    def _prepare_database(self, migration: Path) -> None:
        if preparation := render_migration(self.resource):
            text = migration.read_text("utf-8")
            migration.write_text(text.replace(UPGRADE, UPGRADE + preparation, 1), "utf-8")


def plan(name: str, fields: Sequence[str], *, singular: str | None, access: Access, search: bool) -> Plan:
    """Plan a resource.

    Raises:
        Refused: for the first thing that is wrong. The message is one sentence.
    """
    names = resource_names(name, singular)
    targets = project.targets()
    others = {key: found for key, found in targets.items() if key != name}
    parsed = parse(fields, names.singular, others, owned=access == Access.OWNER)
    _require_free_names(names)
    _require_short_names(names, parsed)
    _require_factories(parsed)
    resource = Resource(names, parsed, access, search, _seed_order(parsed))
    return Plan(resource, render(resource), _notes(resource))


def _same(path: str, text: str) -> bool:
    target = ROOT / path
    return target.is_file() and target.read_text("utf-8") == text


def _require_free_names(names: Names) -> None:
    """The resource may exist already, so that a second run can find that there is nothing to do."""
    existing = project.targets().get(names.plural)
    if names.plural in ACCOUNTS:
        raise Refused(f"app/models/{names.plural}.py exists already: choose another name.")
    if existing and existing.class_name != names.class_name:
        raise Refused(f"The table {names.plural} exists already, of the model {existing.class_name}.")
    if existing is None and names.class_name in project.class_names():
        raise Refused(f"A model {names.class_name} exists already: choose another name.")
    if existing is None and (ROOT / f"app/models/{names.plural}.py").exists():
        raise Refused(f"app/models/{names.plural}.py exists already: choose another name.")


def _require_short_names(names: Names, fields: Iterable[Field]) -> None:
    for field in fields:
        if field.unique:
            require_short(f"uq_{names.plural}_{'owner_id_' if field.unique == 'owner' else ''}{field.member}")
        if field.kind == "enum":
            require_short(f"ck_{names.plural}_{field.name}_known")
        if field.target:
            require_short(f"fk_{names.plural}_{field.member}_{field.target.table}")
        if field.index:
            require_short(f"ix_{names.plural}_{field.member}")


def _require_factories(fields: Iterable[Field]) -> None:
    for field in fields:
        if field.target and field.required and not field.target.factory:
            path = f"tests/factories/{field.target.module}.py"
            raise Refused(
                f"{field.name}: {path} has no add_{field.target.singular}, which the tests of the new resource need."
            )


def _seed_order(fields: Iterable[Field]) -> int | None:
    """After the resources that it refers to. None if the project has no sample accounts."""
    if not (ROOT / "app/seeds/users.py").is_file():
        return None
    paths = [ROOT / f"app/seeds/{field.target.module}.py" for field in fields if field.target]
    orders = [SEED_ORDER.search(path.read_text("utf-8")) for path in paths if path.is_file()]
    return max([FIRST_SEED, *(int(found[1]) + 10 for found in orders if found)])


def _notes(resource: Resource) -> list[str]:
    administrators = "`python cli.py set-role --email you@example.com --role admin` makes an account an administrator."
    return [administrators] * (resource.access is Access.ADMIN) + [
        f"{field.target.table} has no owner_id, so a caller may refer to any of them. To restrict this, change "
        f"find_{field.name} in app/repositories/{resource.names.plural}.py."
        for field in resource.references
        if resource.owned and field.target and not field.target.owned and field.target.table != "users"
    ]
