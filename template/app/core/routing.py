"""Routers of this API."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

PREFIX = "/api/v1"
MAX_NESTING = 100
# An escape that is only valid in a pair.
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def api_router(resource: str) -> APIRouter:
    """A router for one resource: its name is the first part of the path, and the tag in the documentation."""
    return APIRouter(prefix=f"{PREFIX}/{resource}", tags=[resource], route_class=JsonRoute)


class JsonRoute(APIRoute):
    """Reads bodies strictly. FastAPI documents this extension point as "Custom Request and APIRoute class"."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_strictly


class JsonRequest(Request):
    """Accepts JSON as RFC 8259 defines it: UTF-8 only, no NaN, no Infinity and no half of a character.

    Python accepts more, and nesting that neither it nor a database can write again.
    """

    async def json(self) -> Any:
        body = await self.body()
        try:
            value = json.loads(body.decode(), parse_constant=_refuse)
            if HALF_CHARACTER.search(body):
                json.dumps(value, ensure_ascii=False).encode()
            if body.count(b"[") + body.count(b"{") > MAX_NESTING:
                _require_nesting(value, MAX_NESTING)
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError("invalid JSON", "", 0) from error
        return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _require_nesting(value: Any, levels: int) -> None:
    if isinstance(value, dict | list):
        if not levels:
            raise ValueError("too deep")
        for part in value.values() if isinstance(value, dict) else value:
            _require_nesting(part, levels - 1)
