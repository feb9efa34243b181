"""Generate requests from the OpenAPI document, with a signed-in user, and check the responses against it."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.python.asgi import get_client, shutdown_lifespans
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from app.core.http.openapi import Api as Application
from app.main import app, create_app
from tests.factories.users import PASSWORD, registration
from tests.fixtures.settings import MakeSettings

# The application composes mails while Hypothesis draws the next request, and their ids are random.
RANDOM = "ignore:Do not use the `random` module inside strategies:hypothesis.errors.HypothesisDeprecationWarning"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings(RANDOM)]

EXAMPLES = settings(
    max_examples=30, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
OPERATIONS = [(path, method) for path, methods in app.openapi()["paths"].items() for method in methods]


@pytest.fixture(scope="module")
def fuzzed(make_settings: MakeSettings, module_database_url: str) -> Iterator[Application]:
    """An application on its own event loop."""
    yield create_app(make_settings(database_url=module_database_url, mail_url="console:"))
    shutdown_lifespans()


@pytest.fixture(scope="module")
def document(fuzzed: Application) -> BaseSchema:
    return schemathesis.openapi.from_asgi("/api/docs/openapi.json", fuzzed)


@pytest.fixture(scope="module")
def signed_in(fuzzed: Application) -> Callable[[], dict[str, str]]:
    """Return the headers of a signed-in user."""
    account: dict[str, Any] = registration()
    newest: dict[str, str] = {}

    def headers() -> dict[str, str]:
        with get_client(cast("Any", fuzzed)) as client:
            if newest and client.get("http://test/api/v1/users/me", headers=newest).status_code == 200:
                return dict(newest)
            credentials = {"email": account["email"], "password": PASSWORD}
            response = client.post("http://test/api/v1/auth/login", json=credentials)
            if response.status_code != 200:
                account.update(registration())
                response = client.post("http://test/api/v1/auth/register", json=account)
            newest["Authorization"] = f"Bearer {response.json()['access_token']}"
            return dict(newest)

    return headers


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_responses_are_as_documented(
    document: BaseSchema, signed_in: Callable[[], dict[str, str]], path: str, method: str, mode: GenerationMode
) -> None:
    operation = document[path][method]
    # Schemas cannot express every rule, unknown parameters are ignored, and "1" is read as an integer.
    unsaid: list[Any] = [positive_data_acceptance, negative_data_rejection]
    takes_input = bool(list(operation.iter_parameters())) or bool(operation.body)
    reading = signed_in() if method == "get" else None

    @EXAMPLES
    @given(case=operation.as_strategy(generation_mode=mode))
    def responds_as_documented(case: Case[Any]) -> None:
        # A request that changes something may end the session or the account.
        case.call_and_validate(headers=reading or signed_in(), excluded_checks=unsaid)

    if takes_input or mode.is_positive:
        responds_as_documented()
