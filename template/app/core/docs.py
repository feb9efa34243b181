"""Swagger and ReDoc from this process alone: no other origin is asked, no inline script runs."""

from pathlib import Path

import fastapi_offline
from anyio import Path as AsyncPath
from fastapi import APIRouter, Request
from fastapi_csp_docs import get_redoc_css, get_redoc_html, get_swagger_ui_html, get_swagger_ui_init_js
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

PATH = "/api/docs"
ASSETS = Path(fastapi_offline.__file__).parent / "static"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
# Both programs write style elements and draw with data: images; ReDoc searches in a worker made of a blob.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'"
)

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi())


@router.get("/swagger")
async def swagger(request: Request) -> Response:
    """Try the API out."""
    page = get_swagger_ui_html(
        title=f"{request.app.title} · Swagger",
        swagger_js_url=f"{PATH}/assets/swagger-ui-bundle.js",
        swagger_css_url=f"{PATH}/assets/swagger-ui.css",
        swagger_favicon_url=f"{PATH}/assets/favicon.png",
        swagger_ui_init_script_url=f"{PATH}/swagger.js",
    )
    return _with_policy(page)


@router.get("/swagger.js")
async def swagger_script() -> Response:
    """Start Swagger."""
    return get_swagger_ui_init_js(openapi_url=f"{PATH}/openapi.json")


@router.get("/redoc")
async def redoc(request: Request) -> Response:
    """Read about the API."""
    page = get_redoc_html(
        openapi_url=f"{PATH}/openapi.json",
        title=f"{request.app.title} · ReDoc",
        redoc_js_url=f"{PATH}/assets/redoc.standalone.js",
        redoc_favicon_url=f"{PATH}/assets/favicon.png",
        redoc_css_url=f"{PATH}/redoc.css",
        with_google_fonts=False,
    )
    return _with_policy(page)


@router.get("/redoc.css")
async def redoc_style() -> Response:
    """Reset the page's margins."""
    return get_redoc_css()


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """One of the files that the pages load."""
    known = {path.name: path for path in ASSETS.iterdir()}
    if name not in known:
        raise HTTPException(404)
    path = known[name]
    # Whole, whatever range is asked for: the framework would refuse a bad one in plain text.
    content = await AsyncPath(path).read_bytes()
    return Response(content, media_type=MEDIA_TYPES[path.suffix], headers={"Cache-Control": "public, max-age=86400"})


def _with_policy(page: Response) -> Response:
    page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return page
