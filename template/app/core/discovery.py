"""Find and import the modules of a package.

For `app.models`, `app.routers`, `app.seeds`: a new file there is found, so no list has to be edited.
"""

import importlib
import pkgutil
from types import ModuleType


def modules_of(package: ModuleType) -> list[ModuleType]:
    """Every module of the package, imported, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]
