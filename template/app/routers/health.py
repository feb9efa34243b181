"""Probes for load balancers and orchestrators."""

from typing import Annotated

from fastapi import APIRouter, Response

from app.core.dependencies import Public, provided
from app.schemas.health import Health, Liveness
from app.services.health import HealthService

router = APIRouter(prefix="/health", tags=["health"], dependencies=[Public])

HealthChecks = Annotated[HealthService, provided(HealthService)]

UNHEALTHY: dict[int | str, dict[str, object]] = {503: {"model": Health, "description": "A check failed."}}


@router.head("", include_in_schema=False)
@router.get("", responses=UNHEALTHY)
async def health(checks: HealthChecks, response: Response) -> Health:
    """Whether requests can be served."""
    return _report(await checks.report(), response)


@router.head("/ready", include_in_schema=False)
@router.get("/ready", responses=UNHEALTHY)
async def ready(checks: HealthChecks, response: Response) -> Health:
    """Whether requests can be served. Send traffic only while this is 200."""
    return _report(await checks.report(), response)


@router.head("/live", include_in_schema=False)
@router.get("/live")
async def live() -> Liveness:
    """Whether the process runs. Restart it only if this fails. Checks nothing else."""
    return Liveness()


def _report(report: Health, response: Response) -> Health:
    response.status_code = report.status_code
    response.headers.update(report.headers)
    return report
