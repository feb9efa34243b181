"""Which other origins a browser may call from."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from app.core.config import Settings
from app.core.responses import problem

BAD_REQUEST = 400


class Cors(CORSMiddleware):
    """Never allows credentials: this API knows its callers by a header, so cookies have no business here."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"),
            allow_headers=("Authorization", "If-Match", "If-None-Match", "X-Request-ID"),
            expose_headers=("ETag", "Location", "Retry-After", "WWW-Authenticate", "X-Request-ID"),
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Refuse in the form of every other error."""
        response = super().preflight_response(request_headers)
        if response.status_code != BAD_REQUEST:
            return response
        detail = "This origin may not send this request."
        return problem(BAD_REQUEST, "cors_refused", detail, headers={"Vary": response.headers["Vary"]})
