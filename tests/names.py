"""Read all names of the application from its source: modules, their definitions, and members of classes."""

import ast
from collections.abc import Iterator
from pathlib import Path

from releases import git


def names(template: Path, release: str) -> set[str]:
    paths = git(template, "ls-tree", "-r", "--name-only", release, "template/app").splitlines()
    found = set()
    for path in (path for path in paths if path.endswith(".py")):
        module = path.removeprefix("template/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        found |= {module, *_defined(ast.parse(git(template, "show", f"{release}:{path}")), module)}
    return found


def _defined(node: ast.AST, prefix: str) -> Iterator[str]:
    """Yield the names that a module or class defines, including the attributes that methods assign."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.ClassDef(name=name):
                yield f"{prefix}.{name}"
                yield from _defined(child, f"{prefix}.{name}")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield f"{prefix}.{name}"
                yield from (f"{prefix}.{attribute}" for attribute in _assigned(child))
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield f"{prefix}.{name}"


def _assigned(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=attribute, ctx=ast.Store()):
                yield attribute
