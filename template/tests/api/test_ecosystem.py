"""Features in FastAPI's documentation work here, too: behind a proxy, and in routes and middleware that you add."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from socket import socket
from typing import Annotated, Any

import pytest
import uvicorn
from fastapi import Body, Depends, FastAPI, HTTPException, Request, Response, WebSocket, WebSocketException
from fastapi.staticfiles import StaticFiles
from httpx2 import AsyncClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.core.dependencies import CurrentUser, Public, SignedIn
from app.core.exceptions import Forbidden
from tests import expect
from tests.factories.users import Person, registration
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log
from tests.fixtures.settings import MakeSettings
from tests.fixtures.targets import Serve

LOGIN = "/api/v1/auth/login"
ORIGIN = "https://app.example.com"
OWNERS_MIDDLEWARE = """
import app.main, run

@app.main.app.middleware("http")
async def show_client(request, call_next):
    seen = f"{request.url.scheme} {request.client.host}"
    response = await call_next(request)
    response.headers["X-Seen"] = seen
    return response

run.main()
"""
OWN_HEADERS = "authorization, content-type, if-match, if-none-match, x-request-id"


@asynccontextmanager
async def served(app: FastAPI, **options: Any) -> AsyncIterator[str]:
    """Run a real server for an application of a test, and return its address."""
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, **options))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture
async def own(make_settings: MakeSettings, api: Api) -> Api:
    """A separate application, to which a test adds routes, middleware or handlers."""
    return Api.of(make_settings(), api.stack, api.database)


def raising(api: Api, error: Exception, cause: Exception | None = None) -> None:
    """Add a route that raises."""

    @api.app.get("/raise", dependencies=[Public])
    async def fail() -> None:
        raise error from cause


class TestHttpException:
    """See https://fastapi.tiangolo.com/tutorial/handling-errors/."""

    @pytest.mark.parametrize("cause", [KeyError("hunter2"), json.JSONDecodeError("hunter2", "", 0)], ids=repr)
    async def test_status_and_detail_are_kept_and_the_cause_is_not_shown(self, own: Api, cause: Exception) -> None:
        raising(own, HTTPException(400, "No such colour."), cause)

        response = await (await own.client()).get("/raise")

        body = expect.problem(response, 400, "bad_request")
        assert body["detail"] == "No such colour."
        assert "hunter2" not in response.text

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (402, "payment_required"),
            (404, "not_found"),
            (405, "method_not_allowed"),
            (418, "i_m_a_teapot"),
            (420, "status_420"),
            (422, "unprocessable_content"),
            (429, "too_many_requests"),
            (500, "internal_server_error"),
            (599, "status_599"),
        ],
    )
    async def test_every_status_is_kept(self, own: Api, status: int, code: str) -> None:
        raising(own, HTTPException(status, "The owner's own text."))

        response = await (await own.client()).get("/raise")

        assert expect.problem(response, status, code)["detail"] == "The owner's own text."

    @pytest.mark.parametrize("detail", [{"sku": "x-1", "left": 3}, ["a", "b"], 7, None])
    async def test_a_detail_that_is_not_text_is_the_member_data(self, own: Api, detail: Any) -> None:
        raising(own, HTTPException(409, detail))

        body = expect.problem(await (await own.client()).get("/raise"), 409, "conflict")

        assert body["detail"] == "Conflict"
        assert body.get("data") == detail

    async def test_the_headers_are_kept(self, own: Api) -> None:
        raising(own, HTTPException(503, "Later.", {"Retry-After": "120", "X-Queue": "long"}))

        response = await (await own.client()).get("/raise")

        expect.problem(response, 503, "service_unavailable")
        assert (response.headers["retry-after"], response.headers["x-queue"]) == ("120", "long")

    @pytest.mark.parametrize(
        ("status", "header", "value"), [(405, "Allow", "PATCH"), (401, "WWW-Authenticate", "Basic")]
    )
    async def test_keeps_a_header_that_its_status_needs(self, own: Api, status: int, header: str, value: str) -> None:
        raising(own, HTTPException(status, headers={header: value}))

        assert (await (await own.client()).get("/raise")).headers[header] == value

    async def test_unauthorized_has_a_challenge(self, own: Api) -> None:
        raising(own, HTTPException(401))

        assert (await (await own.client()).get("/raise")).headers["WWW-Authenticate"] == "Bearer"

    async def test_static_files_have_methods(self, own: Api, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("a")
        own.app.mount("/static", StaticFiles(directory=tmp_path))

        response = await (await own.client()).post("/static/a.txt")

        expect.problem(response, 405, "method_not_allowed")
        assert response.headers["Allow"] == "GET, HEAD"

    async def test_304_has_no_body(self, own: Api) -> None:
        raising(own, HTTPException(304, headers={"ETag": '"1"'}))

        response = await (await own.client()).get("/raise")

        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", '"1"')


class TestMiddleware:
    """See https://fastapi.tiangolo.com/tutorial/middleware/."""

    @pytest.fixture
    async def client(self, own: Api) -> AsyncClient:
        @own.app.middleware("http")
        async def add_header(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
            response = await call_next(request)
            response.headers["X-Owner"] = "yes"
            return response

        return await own.client()

    async def test_added_middleware_gets_every_response(self, client: AsyncClient) -> None:
        for path in ("/health/live", "/nothing", "/api/v1/users/me"):
            response = await client.get(path)
            assert (response.headers["x-owner"], "x-request-id" in response.headers) == ("yes", True)

    async def test_a_chunked_body_over_the_limit_is_413_with_added_middleware(self, client: AsyncClient) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b" " * 64 * 1024

        response = await client.post(LOGIN, content=chunks(), headers={"Content-Type": "application/json"})

        expect.problem(response, 413, "content_too_large")
        assert response.headers["x-owner"] == "yes"

    async def test_added_middleware_that_fails_is_500_with_all_headers(self, own: Api) -> None:
        @own.app.middleware("http")
        async def fail(*_: object) -> Response:
            raise RuntimeError("hunter2")

        client = await own.client(bugs_fail_the_test=False)
        response = await client.get("/health/live", headers={"X-Request-ID": "r1"})

        assert expect.problem(response, 500, "internal_error")["request_id"] == "r1"
        assert response.headers["x-content-type-options"] == "nosniff"


class TestExceptionHandlers:
    """See https://fastapi.tiangolo.com/tutorial/handling-errors/."""

    @pytest.mark.parametrize("key", [500, Exception])
    async def test_an_added_handler_responds_to_an_unexpected_exception(self, own: Api, key: Any) -> None:
        @own.app.exception_handler(key)
        async def apologise(*_: object) -> Response:
            return Response("Sorry.", 500)

        raising(own, RuntimeError("hunter2"))

        response = await (await own.client(bugs_fail_the_test=False)).get("/raise")

        assert (response.status_code, response.text) == (500, "Sorry.")
        assert response.headers["x-content-type-options"] == "nosniff"

    async def test_an_unexpected_exception_is_raised_to_the_server(self, own: Api) -> None:
        """Instrumentation libraries record the exception there."""
        raising(own, RuntimeError("hunter2"))
        client = await own.client()

        with pytest.raises(RuntimeError, match="hunter2") as raised:
            await client.get("/raise", headers={"X-Request-ID": "r1"})

        assert raised.value.__notes__ == ["request_id: r1"]


class TestWebSocket:
    """See https://fastapi.tiangolo.com/advanced/websockets/."""

    @pytest.fixture
    async def address(self, own: Api) -> AsyncIterator[str]:
        async def refuse() -> None:
            raise WebSocketException(1008, "Not today.")

        @own.app.websocket("/echo")
        async def echo(websocket: WebSocket, caller: CurrentUser) -> None:
            await websocket.accept()
            async for text in websocket.iter_text():
                await websocket.send_text(f"{caller.user.first_name}: {text}")

        @own.app.websocket("/forbidden", dependencies=[SignedIn])
        async def forbidden() -> None:
            raise Forbidden

        @own.app.websocket("/gone", dependencies=[SignedIn])
        async def gone() -> None:
            raise HTTPException(410, "Long gone.", {"X-Since": "2020"})

        @own.app.websocket("/refused", dependencies=[Depends(refuse)])
        async def refused(websocket: WebSocket) -> None:
            await websocket.accept()

        @own.app.websocket("/rooms/{number}", dependencies=[SignedIn])
        async def room(websocket: WebSocket, number: int) -> None:
            await websocket.accept(subprotocol=str(number))

        @own.app.websocket("/ends/{kind}", dependencies=[SignedIn])
        async def ends(websocket: WebSocket, kind: str) -> None:
            await websocket.accept()
            raise {"forbidden": Forbidden(), "http": HTTPException(410, "x" * 200)}[kind]

        async with served(own.app) as address:
            yield f"ws://{address}"

    async def refusal(self, url: str, *tokens: str) -> Any:
        headers = [("Authorization", f"Bearer {token}") for token in tokens]
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, additional_headers=headers).__aenter__()
        return refused.value.response

    async def test_a_websocket_has_its_caller(self, address: str, ada: Person) -> None:
        headers = {"Authorization": f"Bearer {ada.access_token}"}

        async with connect(f"{address}/echo", additional_headers=headers) as websocket:
            await websocket.send("hello")
            assert await websocket.recv() == "Ada: hello"

    @pytest.mark.parametrize(("tokens", "code"), [((), "not_authenticated"), (("garbage",), "invalid_token")])
    async def test_a_handshake_without_a_valid_token_is_401(
        self, address: str, tokens: tuple[str, ...], code: str
    ) -> None:
        response = await self.refusal(f"{address}/echo", *tokens)

        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
        problem = json.loads(response.body)
        assert (problem["code"], problem["request_id"]) == (code, response.headers["x-request-id"])
        assert response.headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/forbidden", 403, "forbidden"),
            ("/gone", 410, "gone"),
            ("/rooms/hunter2", 422, "validation_error"),
            ("/nothing", 404, "not_found"),
        ],
    )
    async def test_a_refused_handshake_has_the_status_of_the_error(
        self, address: str, ada: Person, path: str, status: int, code: str
    ) -> None:
        response = await self.refusal(address + path, ada.access_token)

        assert (response.status_code, json.loads(response.body)["code"]) == (status, code)
        assert (response.headers.get("x-since") == "2020") == (path == "/gone")
        assert b"hunter2" not in response.body

    async def test_a_websocket_that_is_closed_before_it_is_accepted_is_403(self, address: str) -> None:
        assert (await self.refusal(f"{address}/refused")).status_code == 403

    @pytest.mark.parametrize("kind", ["forbidden", "http"])
    async def test_an_error_in_an_accepted_websocket_closes_it_with_a_reason(
        self, address: str, ada: Person, kind: str
    ) -> None:
        headers = {"Authorization": f"Bearer {ada.access_token}"}

        async with connect(f"{address}/ends/{kind}", additional_headers=headers) as websocket:
            with pytest.raises(ConnectionClosed) as closed:
                await websocket.recv()

        assert closed.value.rcvd
        assert (closed.value.rcvd.code, bool(closed.value.rcvd.reason)) == (1008, True)

    async def test_the_log_has_no_query_no_header_and_no_message(self, address: str, ada: Person, log: Log) -> None:
        logging.getLogger().setLevel(logging.DEBUG)
        headers = {"Authorization": f"Bearer {ada.access_token}"}

        async with connect(f"{address}/echo?token=hunter2", additional_headers=headers) as websocket:
            await websocket.send("a private message")
            await websocket.recv()
        await self.refusal(f"{address}/echo?token=hunter2")

        ours = [line for line in log.lines if not line.get("logger", "").startswith("websockets.client")]
        assert [line["path"] for line in log.of("request.finished")] == ["/echo", "/echo"]
        assert [line["status"] for line in log.of("request.finished")] == [101, 401]
        for secret in ("hunter2", ada.access_token, "a private message"):
            assert secret not in json.dumps(ours)


class TestRootPath:
    """A proxy removes the prefix /backend. See https://fastapi.tiangolo.com/advanced/behind-a-proxy/."""

    @pytest.fixture
    async def client(self, own: Api) -> AsyncIterator[AsyncClient]:
        async with served(own.app, root_path="/backend") as address:
            yield await own.stack.enter_async_context(AsyncClient(base_url=f"http://{address}"))

    @pytest.mark.parametrize("page", ["swagger", "redoc"])
    async def test_the_documentation_loads_its_files_with_the_prefix(self, client: AsyncClient, page: str) -> None:
        text = (await client.get(f"/api/docs/{page}")).text

        names = [part.partition('"')[0] for part in text.split('"/') if part.startswith(("api/", "backend/"))]
        assert len(names) >= 3
        for name in names:
            assert name.startswith("backend/api/docs/")
            assert (await client.get(name.removeprefix("backend"))).status_code == 200

    async def test_the_documentation_loads_the_openapi_document_with_the_prefix(self, client: AsyncClient) -> None:
        script = (await client.get("/api/docs/swagger.js")).text + (await client.get("/api/docs/redoc")).text

        assert script.count("/backend/api/docs/openapi.json") == script.count("/api/docs/openapi.json") == 2

    async def test_the_openapi_document_has_the_prefix_as_its_server(self, client: AsyncClient) -> None:
        assert (await client.get("/api/docs/openapi.json")).json()["servers"] == [{"url": "/backend"}]

    async def test_the_location_header_has_the_prefix(self, client: AsyncClient) -> None:
        response = await client.post("/api/v1/auth/register", json=registration())

        assert (response.status_code, response.headers["location"]) == (201, "/backend/api/v1/users/me")

    @pytest.mark.parametrize(
        ("path", "allowed"), [("/api/v1/users/me", "DELETE, GET, PATCH"), (LOGIN, "POST"), ("/health", "GET, HEAD")]
    )
    async def test_a_wrong_method_is_405_with_all_allowed_methods(
        self, client: AsyncClient, path: str, allowed: str
    ) -> None:
        response = await client.put(path)

        expect.problem(response, 405, "method_not_allowed")
        assert response.headers["allow"] == allowed

    async def test_unknown_paths_are_404(self, client: AsyncClient) -> None:
        expect.problem(await client.get("/nothing"), 404, "not_found")


class TestTrustedProxy:
    @pytest.fixture
    async def own(self, make_settings: MakeSettings, api: Api) -> Api:
        own = Api.of(make_settings(trusted_proxies=(ip_network("10.0.0.0/8"),)), api.stack, api.database)

        @own.app.get("/where", dependencies=[Public])
        async def where(request: Request) -> dict[str, str | None]:
            host = request.client.host if request.client else None
            return {"url": str(request.url), "link": str(request.url_for("where")), "client": host}

        return own

    # A socket for both IPv4 and IPv6 shows an IPv4 peer in the second form.
    @pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3"])
    async def test_a_trusted_proxy_sets_scheme_and_client(self, own: Api, peer: str) -> None:
        client = await own.client(peer, headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"})

        seen = (await client.get("/where")).json()

        assert seen == {"url": "https://test/where", "link": "https://test/where", "client": "203.0.113.9"}

    async def test_forwarded_headers_of_other_peers_are_ignored(self, own: Api) -> None:
        client = await own.client("11.1.2.3", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"})

        seen = (await client.get("/where")).json()

        assert seen == {"url": "http://test/where", "link": "http://test/where", "client": "11.1.2.3"}

    async def test_added_middleware_gets_scheme_and_client_of_the_proxy(self, serve: Serve) -> None:
        target = await serve(program=("-c", OWNERS_MIDDLEWARE), trusted_proxies="127.0.0.0/8")
        client = await target.client()

        response = await client.get(
            "/health/live", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        )

        assert response.headers["x-seen"] == "https 203.0.113.9"


class TestPreflight:
    """Browsers send a preflight request before they send additional headers, such as those of tracing libraries."""

    async def ask(self, own: Api, headers: str, **asked: str) -> Any:
        client = await own.client()
        return await client.options(
            LOGIN,
            headers={
                "Origin": ORIGIN,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": headers,
                **asked,
            },
        )

    @pytest.fixture
    async def own(self, make_settings: MakeSettings, api: Api) -> Api:
        return Api.of(make_settings(cors_origins=ORIGIN, cors_allow_headers="traceparent, Idempotency-Key"), api.stack)

    @pytest.mark.parametrize("headers", [OWN_HEADERS, "traceparent", "traceparent,idempotency-key"])
    async def test_the_headers_of_the_setting_are_allowed(self, own: Api, headers: str) -> None:
        response = await self.ask(own, headers)

        assert (response.status_code, response.headers["access-control-allow-origin"]) == (200, ORIGIN)

    @pytest.mark.parametrize("headers", ["sentry-trace,baggage", "traceparent,x-other"])
    async def test_the_message_says_that_headers_were_refused(self, own: Api, headers: str) -> None:
        detail = expect.problem(await self.ask(own, headers), 400, "cors_refused")["detail"]

        assert "CORS_ALLOW_HEADERS" in detail
        assert "headers" in detail
        assert "origin" not in detail

    async def test_the_message_says_that_the_origin_was_refused(self, own: Api) -> None:
        response = await self.ask(own, "traceparent", Origin="https://evil.example")

        detail = expect.problem(response, 400, "cors_refused")["detail"]
        assert "origin" in detail
        assert "headers" not in detail


class TestEncoding:
    @pytest.mark.parametrize(
        "body", ['{"a": "\\ud800"}', '{"\\uDFFF": 1}', "[" * 101 + "]" * 101, '{"a":' * 101 + "1" + "}" * 101]
    )
    async def test_json_that_cannot_be_written_again_is_refused(self, own: Api, body: str) -> None:
        """Stored in a JSON column, it would make every later read of the row fail."""

        @own.app.post("/echo", dependencies=[Public])
        async def echo(document: Annotated[Any, Body()]) -> Any:
            return document

        client = await own.client(headers={"Content-Type": "application/json"})

        assert expect.reasons(await client.post("/echo", content=body)) == {("#", "json_invalid")}
        assert (await client.post("/echo", content='{"a": "\\ud83d\\ude00"}')).json() == {"a": "😀"}
        assert (await client.post("/echo", content="[" * 100 + "]" * 100)).status_code == 200

    async def test_many_errors_in_a_list_are_a_hundred_reasons(self, own: Api) -> None:
        @own.app.post("/numbers", dependencies=[Public])
        async def add(numbers: list[int]) -> int:
            return sum(numbers)

        response = await (await own.client()).post("/numbers", json=["x"] * 10_000)

        assert expect.reasons(response) == {(f"#/{index}", "int_parsing") for index in range(100)}

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be"])
    async def test_json_that_is_not_utf8_is_refused(self, client: AsyncClient, encoding: str) -> None:
        """RFC 8259 §8.1 requires UTF-8."""
        body = json.dumps(registration()).encode(encoding)

        response = await client.post(
            "/api/v1/auth/register", content=body, headers={"Content-Type": "application/json"}
        )

        assert expect.reasons(response) == {("#", "json_invalid")}
