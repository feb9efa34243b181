"""Orders."""

from typing import Annotated
from uuid import UUID

from app.core.dependencies import CurrentUser, Paging, provided
from app.core.exceptions import NotFound
from app.core.responses import raises
from app.core.routing import api_router
from app.schemas.orders import OrderCreate, OrderOut
from app.schemas.pages import Page
from app.services.orders import NotStaff, OrderService

router = api_router("orders")

Orders = Annotated[OrderService, provided(OrderService)]


@router.post("", status_code=201, response_model=OrderOut)
async def place_order(data: OrderCreate, caller: CurrentUser, orders: Orders) -> object:
    """Order something."""
    return await orders.place(caller, data)


@router.post("/batches", status_code=204)
async def place_orders(data: list[OrderCreate], caller: CurrentUser, orders: Orders) -> None:
    """Order several things."""
    for order in data:
        await orders.place(caller, order)


@router.get("", response_model=Page[OrderOut])
async def list_orders(caller: CurrentUser, query: Paging, orders: Orders) -> object:
    """List what you ordered."""
    return await orders.mine(caller, query)


@router.get("/all", response_model=Page[OrderOut], responses=raises(NotStaff))
async def list_all_orders(caller: CurrentUser, query: Paging, orders: Orders) -> object:
    """List all orders, for staff."""
    return await orders.everyones(caller, query)


@router.get("/{order_id:uuid}/parts", response_model=Page[OrderOut], responses=raises(NotFound))
async def list_parts(order_id: UUID, caller: CurrentUser, query: Paging, orders: Orders) -> object:
    """List the orders that belong to one of yours."""
    return await orders.parts(caller, order_id, query)
