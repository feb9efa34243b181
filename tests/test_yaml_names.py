"""A project can have any name: it is a string in every YAML file, and a valid name in Kubernetes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy
from releases import NEXT

# In YAML 1.1, 1.2 or both, these are a number, a boolean, null or a date.
NAMES = ["2026", "yes", "No", "on", "true", "null", "0x1F", "0o17", "1e3", "1_000", "2026-01-01", "1.5"]
PLAIN = "Plain name"
CODE = ["/app", "/migrations", "/tests", "/docs", "*.md"]


def generate(template: Path, target: Path, name: str, database: str) -> dict[str, str]:
    """Generate the YAML files of a project."""
    answers = {"project_name": name, "database": database}
    run_copy(str(template), target, data=answers, defaults=True, quiet=True, vcs_ref=NEXT, exclude=CODE)
    paths = [path for suffix in ("yaml", "yml") for path in target.rglob(f"*.{suffix}")]
    return {path.relative_to(target).as_posix(): path.read_text("utf-8") for path in paths}


def renamed(value: Any, old: str, new: str) -> Any:
    """Return the same data with another name of the project."""
    if isinstance(value, dict):
        return {key: renamed(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, old, new) for item in value]
    return value.replace(old, new) if isinstance(value, str) else value


def scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.CollectionNode):
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                yield from scalars(part)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_name_is_a_string_in_every_file(template: Path, tmp_path: Path, database: str) -> None:
    plain = generate(template, tmp_path / "plain", PLAIN, database)
    assert any("plain-name" in text for text in plain.values())

    for name in NAMES:
        slug = name.lower().replace("_", "-").replace(".", "-")
        files = generate(template, tmp_path / slug, name, database)
        for path, text in files.items():
            expected = renamed(renamed(yaml.safe_load(plain[path]), "plain-name", slug), PLAIN, name)
            assert yaml.safe_load(text) == expected, path
            # Other YAML parsers know more kinds of numbers, so the name must be quoted. Copier uses this parser.
            pairs = zip(scalars(yaml.compose(plain[path])), scalars(yaml.compose(text)), strict=True)
            unquoted = [node.value for before, node in pairs if node.value != before.value and not node.style]
            assert path == ".copier-answers.yml" or [value for value in unquoted if value in (name, slug)] == [], path


@pytest.mark.parametrize("name", ["ß" * 60, f"{'x' * 61} y"[-60:], "ß" * 31 + " " + "ß" * 28])
def test_the_namespace_is_a_dns_label(template: Path, tmp_path: Path, name: str) -> None:
    files = generate(template, tmp_path, name, "postgresql")
    namespace = yaml.safe_load(files["deploy/kubernetes/namespace.yaml"])["metadata"]["name"]

    assert len(namespace) <= 63
    assert namespace[-1].isalnum()
    assert yaml.safe_load(files["deploy/kubernetes/kustomization.yaml"])["namespace"] == namespace
