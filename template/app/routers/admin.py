"""Administration of accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.core.dependencies import Admin, IfMatch, Paging, provided
from app.core.etags import PreconditionFailed
from app.core.exceptions import Forbidden, LastAdmin, NotFound, ReauthenticationRequired
from app.core.pagination import Slice
from app.core.responses import raises
from app.core.routing import api_router
from app.models.users import Role, User
from app.schemas.admin import ManagedUser, ManagedUserUpdate, Prefix
from app.schemas.auth import RevokedSessions
from app.schemas.pages import Page
from app.services.admin import AdminService, UserRow, account_tag

router = api_router("admin")

Administration = Annotated[AdminService, provided(AdminService)]
NamePrefix = Annotated[
    Prefix, Query(description="How the address, the first or the last name begins. Case is ignored.")
]


@router.get("/users", response_model=Page[ManagedUser], responses=raises(Forbidden))
async def list_users(
    _: Admin,
    query: Paging,
    admin: Administration,
    *,
    q: NamePrefix = "",
    role: Role | None = None,
    is_active: bool | None = None,
) -> Slice:
    """List accounts."""
    return await admin.all(query, q, role, is_active=is_active)


@router.get("/users/{public_id:uuid}", response_model=ManagedUser, responses=raises(Forbidden, NotFound))
async def read_user(public_id: UUID, _: Admin, admin: Administration, response: Response) -> UserRow:
    """Show an account."""
    user = await admin.one(public_id)
    response.headers["ETag"] = account_tag(user.updated_at)
    return user


@router.patch(
    "/users/{public_id:uuid}",
    response_model=ManagedUser,
    responses=raises(Forbidden, ReauthenticationRequired, NotFound, LastAdmin, PreconditionFailed),
)
async def update_user(
    public_id: UUID,
    data: ManagedUserUpdate,
    caller: Admin,
    admin: Administration,
    response: Response,
    if_match: IfMatch = None,
) -> User:
    """Change the role of an account, disable or enable it. Needs a recent confirmation of your password.

    With `If-Match`, only if nobody has changed the account since you read it.
    """
    user = await admin.update(caller, public_id, data, if_match)
    response.headers["ETag"] = account_tag(user.updated_at)
    return user


@router.post("/users/{public_id:uuid}/revoke-sessions", responses=raises(Forbidden, ReauthenticationRequired, NotFound))
async def revoke_sessions(public_id: UUID, caller: Admin, admin: Administration) -> RevokedSessions:
    """End all sessions of an account. Needs a recent confirmation of your password."""
    return await admin.revoke_sessions(caller, public_id)


@router.delete(
    "/users/{public_id:uuid}",
    status_code=204,
    responses=raises(Forbidden, ReauthenticationRequired, NotFound, LastAdmin, PreconditionFailed),
)
async def delete_user(public_id: UUID, caller: Admin, admin: Administration, if_match: IfMatch = None) -> None:
    """Delete an account and everything that belongs to it. Needs a recent confirmation of your password.

    With `If-Match`, only if nobody has changed the account since you read it.
    """
    await admin.delete(caller, public_id, if_match)
