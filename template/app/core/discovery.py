"""Find the modules of a package by importing them.

Used for `app.models`, `app.routers` and `app.seeds` only: a new file there is found, a deleted one is gone, and no list
has to be edited.
"""

import importlib
import pkgutil
from types import ModuleType


def modules_of(package: ModuleType) -> list[ModuleType]:
    """Every module of the package, imported, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]
