"""
The floor: the requests of the benchmark written by hand with Starlette, asyncpg and PyJWT, on the paths of the project.

It does only the necessary work: verify the access token, check session and user in one indexed query, run one statement
for the request, write JSON. It has no validation, error responses, headers, logs and limits. No framework or ORM can do
the same work in Python with less CPU time.
"""

import asyncio
import hashlib
import hmac
import json
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import jwt
import uvicorn
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

DSN = os.environ["DATABASE_URL"].replace("+asyncpg", "")
KEY = os.environ["JWT_SECRET_KEY"]
ISSUER, AUDIENCE, LIFETIME = "floor", "api", 900
REQUIRED: Any = {"require": ["exp", "iat", "sub", "sid", "jti", "aud", "iss"]}
# The same parameters as the defaults of the project.
PASSWORDS = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)

ALIVE = "s.revoked_at IS NULL AND s.absolute_expires_at > now() AND u.is_active AND s.auth_epoch = u.auth_epoch"
SESSIONS = "SELECT u.* FROM sessions s JOIN users u ON u.id = s.user_id"
CALLER = f"{SESSIONS} WHERE s.public_id = $1 AND u.public_id = $2 AND {ALIVE}"
ITEMS = "SELECT i.*, u.public_id AS owner_public_id FROM items i JOIN users u ON u.id = i.owner_id"
ONE = f"{ITEMS} WHERE i.public_id = $1 AND (i.status = 'active' OR i.owner_id = $2)"
LIST = f"{ITEMS} WHERE i.status = 'active' ORDER BY i.id DESC LIMIT 21"
SEARCH = f"{ITEMS} WHERE i.status = 'active' AND i.search_text LIKE $1 ORDER BY i.id DESC LIMIT 21"
CREATE = """
INSERT INTO items (owner_id, name, description, status, search_text) VALUES ($1, $2, $3, $4, lower($2 || ' ' || $3))
RETURNING *, $5::uuid AS owner_public_id
"""
UPDATE = """
UPDATE items SET name = $4, search_text = lower($4 || ' ' || description), version = version + 1, updated_at = now()
WHERE public_id = $1 AND owner_id = $2 AND version = $3 RETURNING *, $5::uuid AS owner_public_id
"""
REGISTER = "INSERT INTO users (email, password_hash, first_name, last_name) VALUES ($1, $2, $3, $4) RETURNING id"
LOGIN = """
WITH known AS (UPDATE users SET last_login_at = now() WHERE id = $1 RETURNING id, public_id, auth_epoch),
opened AS (INSERT INTO sessions (user_id, auth_epoch) SELECT id, auth_epoch FROM known RETURNING public_id, generation)
SELECT known.public_id AS user_public_id, opened.public_id, opened.generation FROM known, opened
"""
REFRESH = f"""
UPDATE sessions s SET generation = generation + 1, last_used_at = now() FROM users u
WHERE u.id = s.user_id AND s.public_id = $1 AND s.generation = $2 AND {ALIVE}
RETURNING s.public_id, s.generation, u.public_id AS user_public_id
"""  # noqa: S608  made of constants


async def live(_: Request) -> Response:
    return respond({"status": "ok"})


async def register(request: Request) -> Response:
    body = await request.json()
    hashed = await asyncio.to_thread(PASSWORDS.hash, body["password"])
    async with request.app.state.pool.acquire() as connection:
        user_id = await connection.fetchval(REGISTER, body["email"], hashed, body["first_name"], body["last_name"])
        return respond(tokens(await connection.fetchrow(LOGIN, user_id)), 201)


async def login(request: Request) -> Response:
    body = await request.json()
    pool = request.app.state.pool
    user = await pool.fetchrow("SELECT id, password_hash FROM users WHERE email = $1", body["email"])
    await asyncio.to_thread(PASSWORDS.verify, user["password_hash"], body["password"])
    return respond(tokens(await pool.fetchrow(LOGIN, user["id"])))


async def refresh(request: Request) -> Response:
    sid, generation, mac = (await request.json())["refresh_token"].split(".")
    if not hmac.compare_digest(mac, sign(sid, generation)):
        return Response(status_code=401)
    session = await request.app.state.pool.fetchrow(REFRESH, uuid.UUID(sid), int(generation))
    return respond(tokens(session)) if session else Response(status_code=401)


async def me(request: Request) -> Response:
    async with request.app.state.pool.acquire() as connection:
        user = await caller(request, connection)
    if user is None:
        return Response(status_code=401)
    shown = {name: user[name] for name in ("email", "first_name", "last_name", "is_active")}
    times = {name: user[name] and user[name].isoformat() for name in ("created_at", "last_login_at")}
    return respond({"id": str(user["public_id"]), **shown, **times})


async def read_item(request: Request) -> Response:
    async with request.app.state.pool.acquire() as connection:
        user = await caller(request, connection)
        if user is None:
            return Response(status_code=401)
        row = await connection.fetchrow(ONE, uuid.UUID(request.path_params["public_id"]), user["id"])
    return respond_item(row) if row else Response(status_code=404)


async def list_items(request: Request) -> Response:
    async with request.app.state.pool.acquire() as connection:
        if await caller(request, connection) is None:
            return Response(status_code=401)
        return respond_page(await connection.fetch(LIST))


async def search_items(request: Request) -> Response:
    pattern = f"%{request.query_params['q'].lower()}%"
    async with request.app.state.pool.acquire() as connection:
        if await caller(request, connection) is None:
            return Response(status_code=401)
        return respond_page(await connection.fetch(SEARCH, pattern))


async def create_item(request: Request) -> Response:
    body = await request.json()
    async with request.app.state.pool.acquire() as connection:
        user = await caller(request, connection)
        if user is None:
            return Response(status_code=401)
        values = (user["id"], body["name"], body["description"], body["status"], user["public_id"])
        return respond_item(await connection.fetchrow(CREATE, *values), 201)


async def update_item(request: Request) -> Response:
    body = await request.json()
    public_id, version = uuid.UUID(request.path_params["public_id"]), int(request.headers["if-match"].strip('"'))
    async with request.app.state.pool.acquire() as connection:
        user = await caller(request, connection)
        if user is None:
            return Response(status_code=401)
        row = await connection.fetchrow(UPDATE, public_id, user["id"], version, body["name"], user["public_id"])
    return respond_item(row) if row else Response(status_code=412)


async def caller(request: Request, connection: asyncpg.Connection) -> asyncpg.Record | None:
    token = request.headers["authorization"][7:]
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER, options=REQUIRED)
    return await connection.fetchrow(CALLER, uuid.UUID(claims["sid"]), uuid.UUID(claims["sub"]))


def tokens(session: asyncpg.Record) -> dict[str, Any]:
    now, sid = int(time.time()), str(session["public_id"])
    claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(session["user_public_id"]), "sid": sid}
    claims |= {"jti": uuid.uuid4().hex, "iat": now, "exp": now + LIFETIME}
    generation = str(session["generation"])
    access = jwt.encode(claims, KEY, "HS256")
    return {"access_token": access, "refresh_token": f"{sid}.{generation}.{sign(sid, generation)}"}


def sign(sid: str, generation: str) -> str:
    return hmac.digest(KEY.encode(), f"{sid}.{generation}".encode(), hashlib.sha256).hex()


def respond(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, media_type="application/json")


def respond_item(row: asyncpg.Record, status: int = 200) -> Response:
    return respond(shown(row), status, {"ETag": f'"{row["version"]}"'})


def respond_page(rows: list[asyncpg.Record]) -> Response:
    return respond({"results": [shown(row) for row in rows[:20]], "next_cursor": "x" if rows[20:] else None})


def shown(row: asyncpg.Record) -> dict[str, Any]:
    ids = {"id": str(row["public_id"]), "owner_id": str(row["owner_public_id"])}
    texts = {name: row[name] for name in ("name", "description", "status")}
    return {**ids, **texts, **{name: row[name].isoformat() for name in ("created_at", "updated_at")}}


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    # A generic plan would read the whole table for a rare pattern.
    options = {"plan_cache_mode": "force_custom_plan"}
    async with asyncpg.create_pool(DSN, min_size=10, max_size=10, server_settings=options) as pool:
        await pool.execute(Path(__file__).with_name("schema.sql").read_text("utf-8"))
        app.state.pool = pool
        yield


app = Starlette(
    routes=[
        Route("/health/live", live),
        Route("/api/v1/auth/register", register, methods=["POST"]),
        Route("/api/v1/auth/login", login, methods=["POST"]),
        Route("/api/v1/auth/refresh", refresh, methods=["POST"]),
        Route("/api/v1/users/me", me),
        Route("/api/v1/items/search", search_items),
        Route("/api/v1/items/{public_id}", read_item),
        Route("/api/v1/items/{public_id}", update_item, methods=["PATCH"]),
        Route("/api/v1/items", list_items),
        Route("/api/v1/items", create_item, methods=["POST"]),
    ],
    lifespan=lifespan,
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), access_log=False, log_level="warning")
