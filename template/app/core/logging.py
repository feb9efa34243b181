"""One event a line, as JSON for machines or coloured for people; the server's and the libraries' lines too."""

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import TextIO

import structlog
from sqlalchemy.engine import make_url
from structlog.processors import JSONRenderer
from structlog.typing import EventDict, Processor, WrappedLogger

from app.core.config import Settings

# At DEBUG these, and the driver, print the parameters of statements: hashes and e-mail addresses.
NEVER_BELOW_WARNING = ("sqlalchemy", "asyncio", "httpcore2", "httpx2", "redis")
# Messages of other libraries quote what was sent or stored: drivers, Pydantic. Where it happened says enough.
OUTSPOKEN_MODULES = ("app.", "builtins")


def configure_logging(settings: Settings, stream: TextIO = sys.stdout) -> None:
    """Send every logger through the same processors. Called once, by whoever starts a process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_render(settings.log_format))
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    driver = make_url(settings.database_url.get_secret_value()).drivername.rpartition("+")[2]
    for name in (*NEVER_BELOW_WARNING, driver):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        server = logging.getLogger(name)
        server.handlers, server.propagate = [], name != "uvicorn.access"


def _render(log_format: str) -> list[Processor]:
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
        if log_format == "console"
        else JSONRenderer(default=str)
    )
    return [_describe_exception, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]


def _describe_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Put the traceback into the event, without messages that quote values."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error and not isinstance(error, BaseException):
        error = sys.exception()
    if error:
        event["exception"] = "".join(_lines(error))
    return event


def _lines(error: BaseException) -> Iterator[str]:
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _lines(cause)
        yield "\nwhich led to:\n\n"
    yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    message = f": {error}" if kind.__module__.startswith(OUTSPOKEN_MODULES) else ""
    yield f"{kind.__module__}.{kind.__qualname__}{message}\n"
