"""Probes, for load balancers and orchestrators."""

from typing import Annotated

from fastapi import APIRouter, Response

from app.core.dependencies import Public, provided
from app.schemas.health import Health, Liveness
from app.services.health import HealthService

router = APIRouter(prefix="/health", tags=["health"], dependencies=[Public])

HealthChecks = Annotated[HealthService, provided(HealthService)]

UNHEALTHY: dict[int | str, dict[str, object]] = {503: {"model": Health, "description": "A check failed."}}


@router.get("", response_model=Health, responses=UNHEALTHY)
async def health(checks: HealthChecks, response: Response) -> object:
    """Whether requests can be served."""
    report = await checks.report()
    response.status_code = report.status_code
    response.headers.update(report.headers)
    return report


@router.get("/ready", response_model=Health, responses=UNHEALTHY)
async def ready(checks: HealthChecks, response: Response) -> object:
    """Whether requests can be served: send traffic only while this is 200."""
    report = await checks.report()
    response.status_code = report.status_code
    response.headers.update(report.headers)
    return report


@router.get("/live", response_model=Liveness, operation_id="health_live")
@router.head("/live", response_model=None, include_in_schema=False)
async def live() -> object:
    """Whether the process runs: restart it only if this fails. Asks nothing and nobody."""
    return Liveness()
