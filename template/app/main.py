"""The application. `uvicorn app.main:app` serves the one that this module makes when it is imported."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp

from app import routers
from app.components import Components
from app.core import docs, handlers
from app.core.body_limit import BodyLimit
from app.core.capacity import Capacity
from app.core.config import PROJECT, ConfigurationError, Settings, load_settings
from app.core.cors import Cors
from app.core.discovery import modules_of
from app.core.envelope import Envelope
from app.core.logging import configure_logging
from app.core.openapi import complete, operation_id
from app.core.routing import SpelledOutPaths, WellFormedQueries

CLOSING_SECONDS = 2

log = structlog.get_logger("app")


class Application(FastAPI):
    """FastAPI, with our layers outside of everything and our errors in the document."""

    settings: Settings

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap the whole stack: user middleware would leave the last error handler uncovered."""
        routed = WellFormedQueries(SpelledOutPaths(super().build_middleware_stack(), self))
        limited = BodyLimit(routed, self.settings.max_body_bytes)
        return Envelope(Cors(Capacity(limited), self.settings), self.settings)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if not self.openapi_schema:
            self.openapi_schema = complete(super().openapi())
        return self.openapi_schema


def create_app(settings: Settings) -> Application:
    """Make an application. Opens no connection: that happens when it starts, or with the first request.

    Raises:
        ConfigurationError: for settings that it could not serve with.
    """
    components = Components.of(settings)
    application = Application(
        title=settings.app_name,
        description=PROJECT["description"],
        lifespan=_lifespan,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    application.settings = settings
    application.state.components = components
    handlers.install(application)
    for module in modules_of(routers):
        application.include_router(module.router)
    if settings.docs_enabled:
        application.include_router(docs.router)
    return application


@asynccontextmanager
async def _lifespan(application: FastAPI) -> AsyncIterator[None]:
    components: Components = application.state.components
    if names := components.settings.throwaway_secrets:
        hint = "sessions end with this process; `python cli.py init-env` writes a .env that keeps them"
        log.warning("settings.throwaway_secrets", settings=names, hint=hint)
    yield
    # A server that hangs must not keep this process from ending in time.
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_SECONDS):
            await components.database.close()


def _served() -> Application:
    try:
        settings = load_settings()
        configure_logging(settings)
        return create_app(settings)
    except ConfigurationError as error:
        raise SystemExit(f"Configuration error: {error}") from None


app = _served()
