"""Reports of the probes. They name no host, driver or error."""

from typing import Literal

from pydantic import Field

from app.schemas.base import Output

Status = Literal["ok", "unavailable"]


class Health(Output):
    """The whole is as good as its worst check."""

    status: Status
    checks: dict[str, Status] = Field(examples=[{"database": "ok", "migrations": "ok"}])

    @property
    def status_code(self) -> int:
        """What a load balancer reads."""
        return 200 if self.status == "ok" else 503

    @property
    def headers(self) -> dict[str, str]:
        """When to ask again."""
        return {} if self.status == "ok" else {"Retry-After": "2"}


class Liveness(Output):
    """The process answers."""

    status: Literal["ok"] = "ok"
