"""Routers of this API."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

PREFIX = "/api/v1"


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
    """Accepts JSON as RFC 8259 defines it: UTF-8 only, no NaN and no Infinity. Python accepts more."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            return json.loads(body.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError("invalid JSON", "", 0) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
