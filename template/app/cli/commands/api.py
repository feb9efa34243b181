"""Commands about the API."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

from app.cli.output import AsJson, print_json, print_table

if TYPE_CHECKING:
    from fastapi.dependencies.models import Dependant

EVERYBODY = "everybody"
SIGNED_IN = "signed-in users"


def routes(*, as_json: AsJson = False) -> None:
    """List the routes: method, path, and who may call them."""
    from fastapi.routing import iter_route_contexts

    from app.main import app

    found = [
        {"method": method, "path": str(route.path), "caller": _caller(route.dependant)}
        for route in iter_route_contexts(app.routes)
        if hasattr(route, "dependant")
        for method in sorted(route.methods or ["WEBSOCKET"])
    ]
    if as_json:
        print_json(found)
    else:
        print_table(("Method", "Path", "Who may call it"), [tuple(route.values()) for route in found])


def openapi() -> None:
    """Print the OpenAPI document, for programs that generate clients: python cli.py openapi > openapi.json."""
    from app.main import app

    print_json(app.openapi())


def _caller(dependant: "Dependant") -> str:
    """The name of the rule in `app.core.dependencies` that the route uses."""
    rules = _rules()
    return next((rules[call] for call in _calls(dependant) if call in rules), EVERYBODY)


def _rules() -> dict[Any, str]:
    from app.core import dependencies
    from app.models.callers import Caller

    aliases = {name: get_args(alias) for name, alias in vars(dependencies).items() if get_args(alias)}
    found = {marks[0].dependency: name for name, (kind, *marks) in aliases.items() if kind is Caller}
    return found | {dependencies.SignedIn.dependency: SIGNED_IN}


def _calls(dependant: "Dependant") -> Iterator[Any]:
    """A rule comes before the rules that it needs itself."""
    yield dependant.call
    for needed in dependant.dependencies:
        yield from _calls(needed)
