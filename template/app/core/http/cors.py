"""Cross-origin requests of browsers."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from app.core.config import Settings
from app.core.responses import problem

BAD_REQUEST = 400
READ_HEADERS = ("Authorization", "If-Match", "If-None-Match", "X-Request-ID")
SENT_HEADERS = ("ETag", "Location", "Retry-After", "WWW-Authenticate", "X-Request-ID")


class Cors(CORSMiddleware):
    """Never allows credentials: this API reads a bearer token and no cookies."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"),
            allow_headers=(*READ_HEADERS, *settings.cors_allow_headers),
            expose_headers=SENT_HEADERS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """A refused preflight is a problem like every error. It says what was refused: origin, method or headers."""
        response = super().preflight_response(request_headers)
        if response.status_code != BAD_REQUEST:
            return response
        detail = f"{bytes(response.body).decode()}. CORS_ORIGINS and CORS_ALLOW_HEADERS say what is allowed."
        return problem(BAD_REQUEST, "cors_refused", detail, headers={"Vary": response.headers["Vary"]})
