"""One line for each event, as JSON or for people to read. Includes the lines of the server and of libraries."""

import logging
import sys
import traceback
from collections.abc import Iterator
from json import JSONEncoder
from typing import Any, TextIO

import structlog
from sqlalchemy.engine import make_url
from structlog.processors import JSONRenderer
from structlog.typing import EventDict, Processor, WrappedLogger

from app.core.config import Settings

# At DEBUG these and the driver log the parameters of statements: hashes and e-mail addresses.
NEVER_BELOW_WARNING = ("sqlalchemy", "asyncio", "httpcore2", "httpx2", "redis")
# Their messages contain values of requests or of the database. In production the log has only type and traceback.
QUOTING_MODULES = ("email_validator", "fastapi", "pydantic", "sqlalchemy")
# The server logs the query of a WebSocket, which may contain a token. The access log has a line without it.
SERVERS_WEBSOCKET_LINE = '"WebSocket %s"'
# json.dumps() would make a new encoder for each line.
ENCODER = JSONEncoder(default=str, allow_nan=False)


def configure_logging(settings: Settings, stream: TextIO = sys.stdout) -> None:
    """Make every logger use the same processors. Called once, by the code that starts a process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        _tidy,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(lambda record: SERVERS_WEBSOCKET_LINE not in str(record.msg))
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_render(settings)))
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for name in (*NEVER_BELOW_WARNING, _driver(settings)):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        server = logging.getLogger(name)
        server.handlers, server.propagate = [], name != "uvicorn.access"
        # At DEBUG it logs the headers and messages of WebSockets.
        server.setLevel(max(logging.INFO, root.level))


def _driver(settings: Settings) -> str:
    """The module of the database's driver. It logs values, and its messages contain them."""
    return make_url(settings.database_url.get_secret_value()).drivername.rpartition("+")[2]


def _tidy(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The server sends each message a second time, with escape sequences for a terminal, and some with a line break."""
    event.pop("color_message", None)
    event["event"] = str(event["event"]).rstrip()
    return event


def _request_line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What a reader looks for comes first: `GET /health 200 1.2 ms`. Identifiers follow."""
    if event["event"] == "request.finished":
        method, path, status, duration = (event.pop(name) for name in ("method", "path", "status", "duration_ms"))
        event["event"] = f"{method} {path} {status} {duration:.1f} ms"
    return event


def _render(settings: Settings) -> list[Processor]:
    describe = (
        _HideValues((*QUOTING_MODULES, _driver(settings)))
        if settings.production
        else structlog.processors.format_exc_info
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
        if settings.log_format == "console"
        else JSONRenderer(_to_json)
    )
    readable = [_request_line] if settings.log_format == "console" else []
    return [describe, structlog.stdlib.ProcessorFormatter.remove_processors_meta, *readable, renderer]


def _to_json(event: EventDict, **_: Any) -> str:
    try:
        return ENCODER.encode(event)
    except (TypeError, ValueError, RecursionError):
        # Keys that are no text, a structure that contains itself, NaN: a line in another form is better than none.
        return ENCODER.encode({name: value if isinstance(value, str) else repr(value) for name, value in event.items()})


class _HideValues:
    """Puts the traceback into the event, without the messages of modules that quote values."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        self.modules = modules

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        error = event.pop("exc_info", None)
        if isinstance(error, tuple):
            error = error[1]
        elif error and not isinstance(error, BaseException):
            error = sys.exception()
        if error:
            event["exception"] = "".join(self._lines(error))
        return event

    def _lines(self, error: BaseException) -> Iterator[str]:
        if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
            yield from self._lines(cause)
            yield "\nwhich caused:\n\n"
        for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
            yield from self._lines(part)
            yield "\nwhich is part of:\n\n"
        yield from traceback.format_tb(error.__traceback__)
        kind = type(error)
        message = "" if kind.__module__.startswith(self.modules) else f": {error}"
        yield f"{kind.__module__}.{kind.__qualname__}{message}\n"
        yield from (f"{note}\n" for note in getattr(error, "__notes__", ()))
