"""The application. `uvicorn app.main:app` serves the one that this module makes when it is imported."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import routers
from app.components import Components
from app.core.clients import trusted_hosts
from app.core.config import PROJECT, ConfigurationError, Settings, load_settings
from app.core.discovery import modules_of
from app.core.http import docs
from app.core.http.cors import Cors
from app.core.http.envelope import Envelope
from app.core.http.errors import HANDLERS, ServerErrors, not_found
from app.core.http.limits import BodyLimit, RequestLimit
from app.core.http.openapi import COMMON_ERRORS, Api, operation_id
from app.core.logging import configure_logging
from app.core.routing import JsonRoute

READINESS_SECONDS = 2
CLOSING_SECONDS = 1
# With the 7 s that requests have, less than the 10 s after which a process is killed.
MAIL_SECONDS = 1.5
# Python looks for unreachable cycles after 700 new objects, which took about a tenth of the time of a request.
GC_THRESHOLD = 50_000

log = structlog.get_logger("app")


def create_app(settings: Settings) -> Api:
    """Make an application. It opens no connection before it starts.

    Raises:
        ConfigurationError: if the settings are invalid.
    """
    application = Api(
        title=settings.app_name,
        description=PROJECT["description"],
        lifespan=_lifespan,
        openapi_url=docs.OPENAPI_PATH if settings.docs_enabled else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        responses=COMMON_ERRORS,
        openapi_tags=_tags(),
        exception_handlers=dict(HANDLERS),
        # Outermost first. `add_middleware` adds one outside of these.
        middleware=[
            Middleware(ProxyHeadersMiddleware, trusted_hosts=trusted_hosts(settings)),
            Middleware(Envelope, settings=settings),
            *([Middleware(Cors, settings=settings)] if settings.cors_origins else []),
            Middleware(ServerErrors),
            Middleware(RequestLimit),
            Middleware(BodyLimit, max_bytes=settings.max_body_bytes),
        ],
    )
    application.router.route_class = JsonRoute
    application.router.default = not_found
    application.state.components = Components.from_settings(settings)
    for module in modules_of(routers):
        application.include_router(module.router)
    if settings.docs_enabled:
        application.include_router(docs.router)
    return application


def _tags() -> list[dict[str, Any]]:
    """The documentation describes each tag with the docstring of its router."""
    found = [(module.router.tags, module.__doc__) for module in modules_of(routers)]
    return [{"name": tag, "description": description or ""} for tags, description in found for tag in tags]


@asynccontextmanager
async def _lifespan(application: Api) -> AsyncIterator[None]:
    components: Components = application.state.components
    if names := components.settings.random_secrets:
        hint = "sessions end with this process; `python cli.py init-env` writes a .env with permanent secrets"
        log.warning("settings.random_secrets", settings=names, hint=hint)
    if not components.mailer.enabled:
        log.warning("mail.disabled", hint="set MAIL_URL: addresses cannot be verified, nor forgotten passwords reset")
    await _check_database(components)
    yield
    await components.mailer.close(MAIL_SECONDS)
    # A database that does not respond must not keep this process from ending in time.
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_SECONDS):
            await components.database.close()


async def _check_database(components: Components) -> None:
    readiness = await components.database.readiness(READINESS_SECONDS)
    if not readiness.reachable:
        log.warning("database.unreachable", hint="requests get 503 until it is reachable")
    elif not readiness.migrated:
        log.warning("database.not_migrated", hint="run `alembic upgrade head`")


def _make_app() -> Api:
    try:
        settings = load_settings()
        configure_logging(settings)
        application = create_app(settings)
    except ConfigurationError as error:
        raise SystemExit(f"Configuration error: {error}") from None
    # Objects created at the start live until the end: exclude them from garbage collection.
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    return application


app = _make_app()
