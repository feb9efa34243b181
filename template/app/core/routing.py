"""Routers of this API."""

from fastapi import APIRouter

PREFIX = "/api/v1"


def api_router(resource: str) -> APIRouter:
    """A router for one resource: its name is the path's first part and the tag in the documentation."""
    return APIRouter(prefix=f"{PREFIX}/{resource}", tags=[resource])
