"""Orders."""

from typing import Annotated

from app.core.dependencies import CurrentUser, Paging, provided
from app.core.routing import api_router
from app.schemas.orders import OrderCreate, OrderOut
from app.schemas.pages import Page
from app.services.orders import OrderService

router = api_router("orders")

Orders = Annotated[OrderService, provided(OrderService)]


@router.post("", status_code=201, response_model=OrderOut)
async def place_order(data: OrderCreate, caller: CurrentUser, orders: Orders) -> object:
    """Order something."""
    return await orders.place(caller, data)


@router.get("", response_model=Page[OrderOut])
async def list_orders(caller: CurrentUser, query: Paging, orders: Orders) -> object:
    """List what you ordered."""
    return await orders.mine(caller, query)
