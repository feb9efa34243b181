"""What belongs to the request under way, for code that no argument reaches: log lines, problems, schema rules."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
password_min_length: ContextVar[int] = ContextVar("password_min_length", default=15)
