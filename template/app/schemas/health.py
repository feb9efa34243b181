"""Responses of the probes. They contain no host, driver or error."""

from typing import Literal

from pydantic import Field

from app.schemas.base import Output

Status = Literal["ok", "unavailable"]


class Health(Output):
    """`ok` if every check is."""

    status: Status
    checks: dict[str, Status] = Field(examples=[{"database": "ok", "migrations": "ok"}])

    @property
    def status_code(self) -> int:
        """The status that a load balancer reads."""
        return 200 if self.status == "ok" else 503

    @property
    def headers(self) -> dict[str, str]:
        """When to try again."""
        return {} if self.status == "ok" else {"Retry-After": "2"}


class Liveness(Output):
    """The process responds."""

    status: Literal["ok"] = "ok"
