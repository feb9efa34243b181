"""Swagger and ReDoc, served by this process: no other origin is contacted, and no inline script runs."""

from functools import cache
from mimetypes import guess_type
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, Request
from fastapi_csp_docs import get_redoc_css, get_redoc_html, get_swagger_ui_html, get_swagger_ui_init_js
from starlette.responses import Response

from app.core.exceptions import NotFound
from app.core.responses import local_url

PATH = "/api/docs"
OPENAPI_PATH = f"{PATH}/openapi.json"
ASSETS = {path.name: path for path in Path(fastapi_offline.__file__).parent.joinpath("static").iterdir()}
# Both pages write style elements and draw data: images; ReDoc searches in a worker that it makes from a blob.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'"
)
# ReDoc asks another origin for its logo, which the policy blocks with an error in the console. No option turns it off.
REDOC = "redoc.standalone.js"
LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_IMAGE = b"data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
CACHED = {"Cache-Control": "public, max-age=86400"}

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("/swagger")
async def swagger(request: Request) -> Response:
    """Show Swagger."""
    page = get_swagger_ui_html(
        title=f"{request.app.title} · Swagger",
        swagger_js_url=local_url(request, f"{PATH}/assets/swagger-ui-bundle.js"),
        swagger_css_url=local_url(request, f"{PATH}/assets/swagger-ui.css"),
        swagger_favicon_url=local_url(request, f"{PATH}/assets/favicon.png"),
        swagger_ui_init_script_url=local_url(request, f"{PATH}/swagger.js"),
    )
    return _with_policy(page)


@router.get("/swagger.js")
async def swagger_script(request: Request) -> Response:
    """Start Swagger. The browser keeps the access token when the page is loaded again."""
    return get_swagger_ui_init_js(
        openapi_url=local_url(request, OPENAPI_PATH), swagger_ui_parameters={"persistAuthorization": True}
    )


@router.get("/redoc")
async def redoc(request: Request) -> Response:
    """Show ReDoc."""
    page = get_redoc_html(
        openapi_url=local_url(request, OPENAPI_PATH),
        title=f"{request.app.title} · ReDoc",
        redoc_js_url=local_url(request, f"{PATH}/redoc.js"),
        redoc_favicon_url=local_url(request, f"{PATH}/assets/favicon.png"),
        redoc_css_url=local_url(request, f"{PATH}/redoc.css"),
        with_google_fonts=False,
    )
    return _with_policy(page)


@router.get("/redoc.js")
async def redoc_script() -> Response:
    """Run ReDoc."""
    return Response(_redoc_without_logo(), media_type="text/javascript", headers=CACHED)


@router.get("/redoc.css")
async def redoc_style() -> Response:
    """Remove the page's margins."""
    return get_redoc_css()


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """A file that the pages load."""
    if name not in ASSETS:
        raise NotFound
    return Response(ASSETS[name].read_bytes(), media_type=guess_type(name)[0], headers=CACHED)


@cache
def _redoc_without_logo() -> bytes:
    return ASSETS[REDOC].read_bytes().replace(LOGO, NO_IMAGE)


def _with_policy(page: Response) -> Response:
    page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return page
