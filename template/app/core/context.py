"""The id of the current request, for code that has no access to the request: logs and error responses."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
