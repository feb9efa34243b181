"""What the API shows of itself."""

import pytest

from app.core.envelope import STRICT_TRANSPORT_SECURITY
from tests import expect
from tests.attacks.operations import OPERATIONS
from tests.attacks.targets import Target
from tests.factories.access_tokens import unpacked
from tests.factories.users import signed_in
from tests.fixtures.settings import PRODUCTION
from tests.fixtures.targets import Serve

pytestmark = pytest.mark.attack

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
EVIL = "https://evil.example"


class TestEveryPath:
    async def test_names_its_methods_to_whoever_tries_another(self, target: Target) -> None:
        http, ada = await target.client(), await signed_in(target)
        paths = {operation.path for operation in OPERATIONS}

        for path in paths:
            known = {operation.method for operation in OPERATIONS if operation.path == path}
            url = path.replace("{public_id}", str(ada.user.public_id))
            for method in METHODS - known - ({"HEAD"} if path.startswith("/health") else set()):
                response = await http.request(method, url)
                assert response.status_code == 405
                assert known <= set(response.headers["allow"].split(", "))

    async def test_shows_no_key_of_a_table(self, target: Target) -> None:
        """The witness of every client looks at all responses; here are those of somebody who asks for everything."""
        ada = await signed_in(target)

        for operation in OPERATIONS:
            if operation.method == "GET":
                response = await operation.on(ada.http, ada.user.public_id, params={"q": "x", "page": 1})
                assert response.status_code in {200, 404, 422}
        claims = unpacked(ada.access_token.split(".")[1])
        assert {name for name, value in claims.items() if not isinstance(value, str)} == {"iat", "exp"}


class TestOtherOrigins:
    async def test_may_read_nothing(self, target: Target) -> None:
        http = await target.client(headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"})

        for operation in OPERATIONS:
            for method in (operation.method, "OPTIONS"):
                response = await http.request(method, operation.path)
                assert not [name for name in response.headers if name.startswith("access-control-allow")]


@pytest.mark.slow
class TestProduction:
    @pytest.fixture
    async def production(self, serve: Serve) -> Target:
        secrets = {name.lower(): value for name, value in PRODUCTION.items()}
        costs = {"argon2_memory_cost": 19456, "argon2_time_cost": 2}
        return await serve(**secrets, **costs)

    async def test_has_no_documentation(self, production: Target) -> None:
        http = await production.client()

        for path in ("/docs", "/redoc", "/openapi.json"):
            expect.problem(await http.get(path), 404, "not_found")
        for name in ("swagger", "redoc", "openapi.json"):
            expect.problem(await http.get(f"/api/docs/{name}"), 404, "not_found")

    async def test_demands_https_on_success_and_on_error(self, production: Target) -> None:
        http = await production.client()

        for path in ("/health/live", "/nothing", "/api/v1/users/me"):
            assert (await http.get(path)).headers["strict-transport-security"] == STRICT_TRANSPORT_SECURITY
