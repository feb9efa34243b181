"""What log lines say, and what they never say."""

import json
import logging
from io import StringIO
from typing import Any

import pytest
import structlog
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.logging import configure_logging
from tests.factories.users import NEW_PASSWORD, PASSWORD, add_user, registration, sign_in
from tests.fixtures.applications import Api
from tests.fixtures.logs import Log
from tests.fixtures.settings import MakeSettings


class TestLines:
    async def test_say_what_a_request_was(self, api: Api, log: Log) -> None:
        client = await api.client()

        await client.get("/health?token=hunter2", headers={"X-Request-ID": "r1"})

        [line] = log.of("request.finished")
        assert line["time"].endswith("Z")
        assert (line["level"], line["request_id"], line["status"]) == ("info", "r1", 200)
        assert (line["method"], line["path"]) == ("GET", "/health")
        assert line["duration_ms"] >= 0

    async def test_say_who_it_was(self, api: Api, log: Log) -> None:
        ada = await sign_in(api, await add_user(api))

        await ada.http.get("/api/v1/users/me")

        line = log.of("request.finished")[-1]
        assert line["user_id"] == str(ada.user.public_id)
        assert line["session_id"]

    async def test_do_not_mix_requests_up(self, api: Api, log: Log) -> None:
        ada = await sign_in(api, await add_user(api))
        await ada.http.get("/api/v1/users/me")

        await (await api.client()).get("/health")

        assert "user_id" not in log.of("request.finished")[-1]

    async def test_name_routes_and_not_what_stood_in_their_place(self, api: Api, log: Log) -> None:
        ada = await sign_in(api, await add_user(api))

        for path in ("/api/v1/users/ada@example.com", "/ada@example.com"):
            await ada.http.get(path)

        assert [line["path"] for line in log.of("request.finished")[-2:]] == ["/api/v1/users/{public_id}", "(unknown)"]

    async def test_cannot_be_forged(self, api: Api, log: Log) -> None:
        client = await api.client()

        await client.get('/x%0A{"level": "critical", "event": "forged"}')

        assert [line["event"] for line in log.lines] == ["request.finished"]

    def test_of_other_libraries_are_alike(self, log: Log) -> None:
        logging.getLogger("uvicorn.error").warning("started %s", "now")

        [line] = log.lines
        assert (line["event"], line["level"], line["logger"]) == ("started now", "warning", "uvicorn.error")

    def test_are_for_people_in_development(self, make_settings: MakeSettings, log: Log) -> None:
        stream = StringIO()
        configure_logging(make_settings(log_format="console"), stream)

        structlog.get_logger("app").info("something.happened", answer=42)

        assert "something.happened" in stream.getvalue()
        with pytest.raises(json.JSONDecodeError):
            json.loads(stream.getvalue())
        assert log.text == ""


class TestSecurityEvents:
    async def test_tell_the_story_of_an_account(self, throttled_api: Api, log: Log) -> None:
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

    async def test_tell_who_leaves(self, api: Api, log: Log) -> None:
        user = await add_user(api)

        for path in ("logout", "logout-all"):
            await (await sign_in(api, user)).http.post(f"/api/v1/auth/{path}")

        assert [line.get("scope") for line in log.of("auth.logout")] == [None, "all"]

    async def test_tell_of_reuse_once(self, api: Api, log: Log) -> None:
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
    async def test_are_never_logged(self, api: Api, log: Log) -> None:
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

    async def test_of_a_failed_statement_are_not_quoted(self, api: Api, log: Log) -> None:
        with pytest.raises(SQLAlchemyError):
            async with api.database.read() as session:
                await _logged(session.execute(text("SELECT 'hunter2' FROM nowhere WHERE :x"), {"x": "hunter2"}))

        [line] = log.of("it.failed")
        assert "sqlalchemy.exc." in line["exception"]
        assert "hunter2" not in log.text

    async def test_of_a_failed_validation_are_not_quoted(self, log: Log) -> None:
        class Form(BaseModel):
            number: int

        sent = {"number": "hunter2"}
        try:
            Form.model_validate(sent)
        except ValueError:
            structlog.get_logger("app").exception("it.failed")

        assert "ValidationError" in log.of("it.failed")[0]["exception"]
        assert "hunter2" not in log.text

    async def test_other_exceptions_say_what_was_wrong_and_why(self, log: Log) -> None:
        try:
            _fail_twice()
        except RuntimeError:
            structlog.get_logger("app").exception("it.failed")

        [line] = log.of("it.failed")
        assert "builtins.KeyError: 'first'" in line["exception"]
        assert "builtins.RuntimeError: second" in line["exception"]
        assert "test_logging.py" in line["exception"]


async def _logged(awaitable: Any) -> None:
    try:
        await awaitable
    except Exception:
        structlog.get_logger("app").exception("it.failed")
        raise


def _fail_twice() -> None:
    try:
        {"second": 2}["first"]
    except KeyError as error:
        raise RuntimeError("second") from error
