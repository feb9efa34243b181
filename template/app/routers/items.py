"""Items."""

from typing import Annotated

from fastapi import Query, Response

from app.core.dependencies import CurrentUser, IfMatch, IfNoneMatch, Paging, provided
from app.core.etags import PreconditionFailed, etag
from app.core.exceptions import NotFound, NotModified
from app.core.responses import raises
from app.core.routing import api_router
from app.schemas.base import PublicId
from app.schemas.items import ItemCreate, ItemOut, ItemUpdate, SearchText
from app.schemas.pages import Page
from app.services.items import ItemService, NotTheOwner

router = api_router("items")

Items = Annotated[ItemService, provided(ItemService)]


@router.get("", response_model=Page[ItemOut])
async def list_items(caller: CurrentUser, query: Paging, items: Items) -> object:  # noqa: ARG001  whoever is signed in
    """List everyone's active items."""
    return await items.active(query)


@router.get("/my", response_model=Page[ItemOut])
async def list_my_items(caller: CurrentUser, query: Paging, items: Items) -> object:
    """List your items, whatever their status."""
    return await items.mine(caller, query)


@router.get("/search", response_model=Page[ItemOut])
async def search_items(
    caller: CurrentUser,  # noqa: ARG001  whoever is signed in
    q: Annotated[SearchText, Query(description="Taken literally; case and the composition of accents do not matter.")],
    query: Paging,
    items: Items,
) -> object:
    """List active items with this text in their name or description."""
    return await items.search(q, query)


@router.post("", status_code=201, response_model=ItemOut)
async def create_item(data: ItemCreate, caller: CurrentUser, items: Items, response: Response) -> object:
    """Create an item. Nobody else sees it unless it is active."""
    item = await items.create(caller, data)
    response.headers.update({"Location": f"{router.prefix}/{item.public_id}", "ETag": etag(item.version)})
    return item


@router.get("/{public_id}", response_model=ItemOut, responses=raises(NotFound, NotModified))
async def read_item(
    public_id: PublicId, caller: CurrentUser, items: Items, response: Response, if_none_match: IfNoneMatch
) -> object:
    """Show an item."""
    item = await items.visible(caller, public_id, if_none_match)
    response.headers["ETag"] = etag(item.version)
    return item


@router.patch("/{public_id}", response_model=ItemOut, responses=raises(NotTheOwner, NotFound, PreconditionFailed))
async def update_item(
    public_id: PublicId, data: ItemUpdate, caller: CurrentUser, items: Items, response: Response, if_match: IfMatch
) -> object:
    """Change one of your items. With `If-Match`, only if nobody changed it since you read it."""
    item = await items.update(caller, public_id, data, if_match)
    response.headers["ETag"] = etag(item.version)
    return item


@router.delete("/{public_id}", status_code=204, responses=raises(NotTheOwner, NotFound, PreconditionFailed))
async def delete_item(public_id: PublicId, caller: CurrentUser, items: Items, if_match: IfMatch) -> None:
    """Delete one of your items."""
    await items.delete(caller, public_id, if_match)
