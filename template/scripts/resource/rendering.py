"""Render the files of a resource."""

import ast
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.config import PROJECT, ROOT
from scripts.resource import Access, Refused
from scripts.resource.fields import Field
from scripts.resource.names import Names

# The new modules do not exist yet, so ruff cannot know that they are the project's own.
OWN = 'lint.isort.known-first-party = ["app", "migrations", "scripts", "tests"]'
TEMPLATES = Path(__file__).with_name("templates")
SUFFIX = ".j2"
# Twenty calls of `python -m ruff` would take a second longer.
RUFF = str(Path(sysconfig.get_path("scripts"), "ruff"))


@dataclass(frozen=True)
class Resource:
    """What the templates get, as `r`."""

    names: Names
    fields: list[Field]
    access: Access
    search: bool
    # Position in the sample data; None without samples.
    seed_order: int | None

    @property
    def owned(self) -> bool:
        return self.access == Access.OWNER

    @property
    def admin(self) -> bool:
        return self.access == Access.ADMIN

    @property
    def searched(self) -> list[Field]:
        return [field for field in self.fields if field.searched] if self.search else []

    @property
    def references(self) -> list[Field]:
        return [field for field in self.fields if field.kind == "ref"]

    @property
    def values(self) -> list[Field]:
        """The fields that are not references."""
        return [field for field in self.fields if field.kind != "ref"]

    @property
    def enums(self) -> list[Field]:
        return [field for field in self.fields if field.kind == "enum"]

    @property
    def uniques(self) -> list[Field]:
        return [field for field in self.fields if field.unique]

    def targets_once(self, field: Field) -> bool:
        """Whether no other reference has the same table."""
        return sum(other.target == field.target for other in self.references) == 1


def _files(resource: Resource) -> Iterator[tuple[str, str]]:
    """Each file and its template."""
    plural = resource.names.plural
    for layer in ("models", "schemas", "repositories", "services", "routers"):
        yield f"app/{layer}/{plural}.py", f"{layer}.py"
    yield f"tests/factories/{plural}.py", "factory.py"
    yield f"tests/api/test_{plural}.py", "test.py"
    yield f"tests/api/test_{plural}_pages.py", "test_pages.py"
    yield f"tests/api/test_{plural}_etags.py", "test_etags.py"
    if resource.searched:
        yield f"tests/api/test_{plural}_search.py", "test_search.py"
    if resource.seed_order is not None:
        yield f"app/seeds/{plural}.py", "seeds.py"
        yield f"tests/cli/test_{plural}_seed.py", "test_seed.py"


def render(resource: Resource) -> dict[str, str]:
    """The files of a resource, formatted in the style of the project.

    Raises:
        Refused: if a name in them is needed for something else.
    """
    environment = _environment()
    files = {}
    for path, name in _files(resource):
        text = environment.get_template(name + SUFFIX).render(r=resource, n=resource.names)
        if resource.admin and path.startswith("tests/api/"):
            # The user who writes in these tests.
            text = re.sub(r"\bada\b", "admin", text)
        files[path] = _formatted(path, text)
    for text in files.values():
        _require_unused_names(text)
    return files


def render_migration(resource: Resource) -> str:
    """What the migration does before it creates the table, if this database needs anything."""
    return _environment().get_template(f"migration{SUFFIX}").render(r=resource)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  these are Python files
    )
    # For what only one database needs, in templates with its name.
    environment.globals["database"] = PROJECT["database"]
    return environment


def _formatted(path: str, text: str) -> str:
    """Ruff removes imports that are not needed, sorts the others, and wraps lines."""
    for options in (["check", "--fix", "--exit-zero", "--silent", "--config", OWN], ["format", "--silent"]):
        ruff = [RUFF, *options, "--stdin-filename", path, "-"]
        try:
            text = subprocess.run(ruff, input=text, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        except FileNotFoundError as error:
            raise Refused("ruff is not installed. It is in requirements-dev.txt.") from error
        except subprocess.CalledProcessError as error:
            raise Refused(f"{path} cannot be formatted: {error.stderr.strip()}") from error
    return text


def _require_unused_names(text: str) -> None:
    tree: Any = ast.parse(text)
    imported = {alias.asname or alias.name for node in tree.body for alias in getattr(node, "names", ())}
    defined = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assigned = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    defined += [target.id for target in assigned if isinstance(target, ast.Name)]
    for name in defined:
        if name in imported or defined.count(name) > 1:
            raise Refused(f"{name} would be the name of two things in the same file: choose another name.")
