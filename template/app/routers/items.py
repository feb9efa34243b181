"""Items."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.core.dependencies import CurrentUser, IfMatch, IfNoneMatch, Paging, SignedIn, provided
from app.core.etags import PreconditionFailed, etag
from app.core.exceptions import Conflict, NotFound, NotModified
from app.core.pagination import Slice
from app.core.responses import local_url, raises
from app.core.routing import api_router
from app.models.items import Item
from app.schemas.items import ItemCreate, ItemOut, ItemUpdate, SearchText
from app.schemas.pages import Page
from app.services.items import ItemRow, ItemService, NotTheOwner

router = api_router("items")

Items = Annotated[ItemService, provided(ItemService)]


@router.get("", response_model=Page[ItemOut], dependencies=[SignedIn])
async def list_items(query: Paging, items: Items) -> Slice:
    """List the active items of all users."""
    return await items.active(query)


@router.get("/my", response_model=Page[ItemOut])
async def list_my_items(caller: CurrentUser, query: Paging, items: Items) -> Slice:
    """List your items, whatever their status."""
    return await items.mine(caller, query)


@router.get("/search", response_model=Page[ItemOut], dependencies=[SignedIn])
async def search_items(
    q: Annotated[SearchText, Query(description="Taken literally. Case and the composition of accents are ignored.")],
    query: Paging,
    items: Items,
) -> Slice:
    """List active items with this text in their name or description."""
    return await items.search(q, query)


@router.post("", status_code=201, response_model=ItemOut, responses=raises(Conflict))
async def create_item(
    data: ItemCreate, caller: CurrentUser, items: Items, request: Request, response: Response
) -> Item:
    """Create an item. Nobody else sees it until it is active."""
    item = await items.create(caller, data)
    response.headers["Location"] = local_url(request, f"{router.prefix}/{item.public_id}")
    response.headers["ETag"] = etag(item.version)
    return item


@router.get("/{public_id:uuid}", response_model=ItemOut, responses=raises(NotFound, NotModified))
async def read_item(
    public_id: UUID, caller: CurrentUser, items: Items, response: Response, if_none_match: IfNoneMatch = None
) -> ItemRow:
    """Show an item."""
    item = await items.visible(caller, public_id, if_none_match)
    response.headers["ETag"] = etag(item.version)
    return item


@router.patch("/{public_id:uuid}", response_model=ItemOut, responses=raises(NotTheOwner, NotFound, PreconditionFailed))
async def update_item(
    public_id: UUID, data: ItemUpdate, caller: CurrentUser, items: Items, response: Response, if_match: IfMatch = None
) -> Item:
    """Change one of your items. With `If-Match`, only if nobody has changed it since you read it."""
    item = await items.update(caller, public_id, data, if_match)
    response.headers["ETag"] = etag(item.version)
    return item


@router.delete("/{public_id:uuid}", status_code=204, responses=raises(NotTheOwner, NotFound, PreconditionFailed))
async def delete_item(public_id: UUID, caller: CurrentUser, items: Items, if_match: IfMatch = None) -> None:
    """Delete one of your items. With `If-Match`, only if nobody has changed it since you read it."""
    await items.delete(caller, public_id, if_match)
