"""Methods, keys, cross-origin access and production settings that a client can observe."""

import pytest

from app.core.http.envelope import STRICT_TRANSPORT_SECURITY
from tests import expect
from tests.attacks.operations import OPERATIONS
from tests.factories.access_tokens import unpacked
from tests.factories.users import signed_in
from tests.fixtures.settings import PRODUCTION
from tests.fixtures.targets import Serve
from tests.targets import Target

pytestmark = pytest.mark.attack

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
EVIL = "https://evil.example"


class TestEveryPath:
    async def test_a_wrong_method_is_a_client_error_with_the_allowed_methods(self, target: Target) -> None:
        http, ada = await target.client(), await signed_in(target)
        paths = {operation.path for operation in OPERATIONS}

        for path in paths:
            known = {operation.method for operation in OPERATIONS if operation.path == path}
            url = next(operation for operation in OPERATIONS if operation.path == path).url(ada.user.public_id)
            for method in METHODS - known - ({"HEAD"} if path.startswith("/health") else set()):
                response = await http.request(method, url)
                # A path with a parameter that you add may match, too.
                assert 400 <= response.status_code < 500
                if response.status_code == 405:
                    assert known <= set(response.headers["allow"].split(", "))

    async def test_responses_have_no_primary_key(self, target: Target) -> None:
        """The witness of each client checks every response. This test requests everything that can be read."""
        ada = await signed_in(target)

        for operation in OPERATIONS:
            if operation.method == "GET":
                await operation.on(ada.http, ada.user.public_id, params={"q": "x", "page": 1})
        claims = unpacked(ada.access_token.split(".")[1])
        assert {name for name, value in claims.items() if not isinstance(value, str)} == {"iat", "exp"}


class TestOtherOrigins:
    async def test_another_origin_cannot_read_responses(self, target: Target) -> None:
        http = await target.client(headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"})

        for operation in OPERATIONS:
            for method in (operation.method, "OPTIONS"):
                response = await http.request(method, operation.url())
                assert not [name for name in response.headers if name.startswith("access-control-allow")]


@pytest.mark.slow
class TestProduction:
    @pytest.fixture
    async def production(self, serve: Serve) -> Target:
        secrets = {name.lower(): value for name, value in PRODUCTION.items()}
        costs = {"argon2_memory_cost": 19456, "argon2_time_cost": 2}
        return await serve(**secrets, **costs)

    async def test_production_has_no_documentation(self, production: Target) -> None:
        http = await production.client()

        for path in ("/docs", "/redoc", "/openapi.json"):
            expect.problem(await http.get(path), 404, "not_found")
        for name in ("swagger", "redoc", "openapi.json"):
            expect.problem(await http.get(f"/api/docs/{name}"), 404, "not_found")

    async def test_successes_and_errors_have_strict_transport_security(self, production: Target) -> None:
        http = await production.client()

        for path in ("/health/live", "/nothing", "/api/v1/users/me"):
            assert STRICT_TRANSPORT_SECURITY.items() <= dict((await http.get(path)).headers).items()
