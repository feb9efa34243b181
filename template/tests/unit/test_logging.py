"""Log lines: their members, and secrets that they must not contain."""

import json
import logging
import re
from contextlib import AsyncExitStack
from io import StringIO
from uuid import uuid4

import pytest
import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.config import Settings
from app.core.logging import configure_logging
from tests.factories.users import NEW_PASSWORD, PASSWORD, add_user, registration, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log
from tests.fixtures.settings import MakeSettings

CIRCULAR: list[object] = []
CIRCULAR.append(CIRCULAR)
SECRET = "hunter2"


class TestLines:
    async def test_request_is_logged_without_its_query(self, api: Api, log: Log) -> None:
        client = await api.client()

        await client.get("/health?token=hunter2", headers={"X-Request-ID": "r1"})

        [line] = log.of("request.finished")
        assert line["time"].endswith("Z")
        assert (line["level"], line["request_id"], line["status"]) == ("info", "r1", 200)
        assert (line["method"], line["path"]) == ("GET", "/health")
        assert line["duration_ms"] >= 0

    async def test_a_line_contains_user_and_session(self, api: Api, log: Log) -> None:
        ada = await sign_in(api, await add_user(api))

        await ada.http.get("/api/v1/users/me")

        line = log.of("request.finished")[-1]
        assert line["user_id"] == str(ada.user.public_id)
        assert line["session_id"]

    async def test_next_request_does_not_inherit_the_user(self, api: Api, log: Log) -> None:
        ada = await sign_in(api, await add_user(api))
        await ada.http.get("/api/v1/users/me")

        await (await api.client()).get("/health")

        assert "user_id" not in log.of("request.finished")[-1]

    async def test_a_line_contains_the_path_of_the_route(self, api: Api, log: Log) -> None:
        ada = await sign_in(api, await add_user(api))

        for path in (f"/api/v1/users/{uuid4()}", "/api/v1/users/ada@example.com", "/ada@example.com"):
            await ada.http.get(path)

        paths = [line["path"] for line in log.of("request.finished")[-3:]]
        assert paths == ["/api/v1/users/{public_id}", "(unknown)", "(unknown)"]

    async def test_a_url_cannot_add_a_line(self, api: Api, log: Log) -> None:
        client = await api.client()

        await client.get('/x%0A{"level": "critical", "event": "forged"}')

        assert [line["event"] for line in log.lines] == ["request.finished"]

    async def test_in_development_a_404_shows_the_requested_path(
        self, settings: Settings, log: Log, stack: AsyncExitStack
    ) -> None:
        api = Api.of(settings.model_copy(update={"environment": "development"}), stack)
        stack.push_async_callback(api.database.close)
        client = await api.client()

        await client.get("/helth%0A?token=hunter2")

        assert [line["path"] for line in log.of("request.finished")] == ["/helth%0A"]

    async def test_in_the_console_a_request_begins_with_what_happened(
        self, api: Api, make_settings: MakeSettings, log: Log
    ) -> None:
        configure_logging(make_settings(log_format="console"), log.stream)

        await (await api.client()).get("/health", headers={"X-Request-ID": "r1"})

        [line] = log.text.splitlines()
        assert re.search(r"GET /health 200 \d+\.\d ms .*request_id=r1", line)

    def test_lines_of_libraries_have_the_same_form(self, log: Log) -> None:
        colored = {"color_message": "started \x1b[1m%s\x1b[0m"}

        logging.getLogger("uvicorn.error").warning("started %s", "now", extra=colored)

        [line] = log.lines
        assert set(line) == {"event", "level", "logger", "time"}
        assert (line["event"], line["level"], line["logger"]) == ("started now", "warning", "uvicorn.error")

    def test_console_format_is_not_json(self, make_settings: MakeSettings, log: Log) -> None:
        stream = StringIO()
        configure_logging(make_settings(log_format="console"), stream)

        structlog.get_logger("app").info("something.happened", answer=42)

        assert "something.happened" in stream.getvalue()
        with pytest.raises(json.JSONDecodeError):
            json.loads(stream.getvalue())
        assert log.text == ""


class TestSecurityEvents:
    async def test_events_of_an_account_are_logged(self, throttled_api: Api, log: Log) -> None:
        api = throttled_api
        ada = await sign_in(api, await add_user(api))
        for password in ["wrong password"] * 6:
            await ada.http.post("/api/v1/auth/login", json={"email": ada.email, "password": password})
        body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        ada.take((await ada.http.post("/api/v1/users/me/change-password", json=body)).json())
        await ada.http.delete("/api/v1/users/me")

        told = [line["event"] for line in log.lines if line["logger"] == "app.security"]
        assert told[:2] == ["auth.login.succeeded", "auth.login.failed"]
        assert told[-3:] == ["auth.login.throttled", "auth.password.changed", "user.deleted"]
        assert ada.email not in log.text

    async def test_logout_events_have_a_scope(self, api: Api, log: Log) -> None:
        user = await add_user(api)

        for path in ("logout", "logout-all"):
            await (await sign_in(api, user)).http.post(f"/api/v1/auth/{path}")

        assert [line.get("scope") for line in log.of("auth.logout")] == [None, "all"]

    async def test_reuse_is_logged_once(self, api: Api, log: Log) -> None:
        ada = await sign_in(api, await add_user(api))
        stolen = ada.refresh_token
        for _ in range(2):
            assert await ada.can_refresh()

        for _ in range(3):
            await ada.refresh(stolen)

        [line] = log.of("auth.refresh.reused")
        assert line["level"] == "warning"
        assert line["user_id"] == str(ada.user.public_id)


class TestSecrets:
    async def test_secrets_are_never_logged(self, api: Api, log: Log) -> None:
        ada = await sign_in(api, await add_user(api))
        secrets = {ada.access_token, ada.refresh_token}
        for email in (ada.email, "grace@example.com"):
            await ada.http.post("/api/v1/auth/register", json=registration(email=email))
        await ada.http.post("/api/v1/auth/login", json={"email": ada.email, "password": [PASSWORD]})
        await ada.http.post("/api/v1/auth/login", json={"email": ada.email, "password": NEW_PASSWORD})
        await ada.can_refresh()
        await ada.http.get("/api/v1/auth/sessions", params={"cursor": ada.refresh_token})
        await ada.http.post("/api/v1/auth/logout")

        secrets |= {ada.access_token, ada.refresh_token, PASSWORD, NEW_PASSWORD}
        secrets |= {ada.email, "grace@", "$argon2", "Bearer"}
        secrets |= {api.settings.secret_key.get_secret_value(), api.settings.jwt_secret_key.get_secret_value()}
        assert log.lines
        assert [secret for secret in secrets if secret in log.text] == []


class TestExceptions:
    async def test_failed_statement_is_shown_in_development(self, api: Api, log: Log) -> None:
        await _fail_statement(api)

        [line] = log.of("it.failed")
        assert "sqlalchemy.exc." in line["exception"]
        assert "syntax error" in line["exception"]

    async def test_failed_statement_is_hidden_in_production(self, api: Api, production_log: Log) -> None:
        await _fail_statement(api)

        [line] = production_log.of("it.failed")
        assert "sqlalchemy.exc." in line["exception"]
        assert SECRET not in production_log.text

    def test_failed_validation_is_shown_in_development(self, log: Log) -> None:
        _fail_validation()

        assert "Input should be a valid integer" in log.of("it.failed")[0]["exception"]

    def test_failed_validation_is_hidden_in_production(self, production_log: Log) -> None:
        _fail_validation()

        assert "ValidationError" in production_log.of("it.failed")[0]["exception"]
        assert SECRET not in production_log.text

    def test_notes_of_an_exception_are_shown_in_production(self, production_log: Log) -> None:
        error = ValidationError.from_exception_data("Model", [])
        error.add_note("request_id: r1")

        logging.getLogger("shop").error("it.failed", exc_info=error)

        assert "request_id: r1" in production_log.of("it.failed")[0]["exception"]

    def test_other_exceptions_show_their_message_and_cause(self, log: Log) -> None:
        _fail_twice()

        exception = log.of("it.failed")[0]["exception"]
        assert "KeyError: 'first'" in exception
        assert "RuntimeError: second" in exception

    def test_other_exceptions_are_shown_in_production(self, production_log: Log) -> None:
        _fail_twice()

        exception = production_log.of("it.failed")[0]["exception"]
        assert "builtins.KeyError: 'first'" in exception
        assert "builtins.RuntimeError: second" in exception
        assert "test_logging.py" in exception

    def test_exceptions_of_a_group_are_shown_in_production(self, production_log: Log) -> None:
        group = ExceptionGroup("two failed", [ValueError("first"), KeyError("second")])

        logging.getLogger("shop").error("it.failed", exc_info=group)

        exception = production_log.of("it.failed")[0]["exception"]
        assert "builtins.ValueError: first" in exception
        assert "builtins.KeyError: 'second'" in exception
        assert "builtins.ExceptionGroup: two failed" in exception

    @pytest.mark.parametrize("library", ["httpx2", "redis", "jwt"])
    def test_exceptions_of_other_libraries_are_shown_in_production(self, production_log: Log, library: str) -> None:
        """Only messages of libraries that quote values are hidden."""
        error = type("LibraryError", (Exception,), {"__module__": f"{library}.exceptions"})("no route to host")

        logging.getLogger("shop").error("it.failed", exc_info=error)

        assert "no route to host" in production_log.of("it.failed")[0]["exception"]


class TestExtra:
    @pytest.mark.parametrize("value", [{(1, 2): 3}, float("nan"), CIRCULAR], ids=["keys", "nan", "circular"])
    def test_a_value_that_json_does_not_know_loses_no_line(self, log: Log, value: object) -> None:
        logging.getLogger("shop").info("it.happened", extra={"found": value})

        assert log.of("it.happened")[0]["level"] == "info"

    def test_extra_is_logged(self, log: Log) -> None:
        logging.getLogger("shop").info("order.paid", extra={"order": "o-1", "total_cents": 1999})

        [line] = log.of("order.paid")
        assert (line["logger"], line["order"], line["total_cents"]) == ("shop", "o-1", 1999)

    def test_extra_is_logged_in_production(self, production_log: Log) -> None:
        logging.getLogger("shop").info("order.paid", extra={"order": "o-1"})

        assert production_log.of("order.paid")[0]["order"] == "o-1"


async def _fail_statement(api: Api) -> None:
    # The secret must not be in the call itself, because a traceback shows lines of the source.
    statement = text(f"SELECT '{SECRET}' FROM FROM WHERE :x")  # noqa: S608
    async with api.database.read() as session:
        try:
            await session.execute(statement, {"x": SECRET})
        except SQLAlchemyError:
            structlog.get_logger("app").exception("it.failed")


def _fail_validation() -> None:
    sent = {"number": SECRET}
    try:
        _Form.model_validate(sent)
    except ValueError:
        structlog.get_logger("app").exception("it.failed")


def _fail_twice() -> None:
    try:
        try:
            {"second": 2}["first"]
        except KeyError as error:
            raise RuntimeError("second") from error
    except RuntimeError:
        structlog.get_logger("app").exception("it.failed")


class _Form(BaseModel):
    number: int
