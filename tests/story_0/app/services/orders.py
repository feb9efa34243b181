"""Orders."""

from uuid import UUID

from app.components import Components
from app.core.articles import tidy
from app.core.exceptions import Forbidden, NotFound
from app.core.pagination import PageQuery, Slice
from app.core.throttling import ORDERS
from app.models.callers import Caller
from app.models.orders import Order
from app.repositories.orders import OrderRepository
from app.schemas.orders import OrderCreate

STAFF = "@orders.example"


class NotStaff(Forbidden):
    code = "not_staff"
    detail = "This is for staff."


class OrderService:
    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.cursors = components.cursors
        self.throttle = components.security.throttle

    async def place(self, caller: Caller, data: OrderCreate) -> Order:
        await self.throttle.consume(ORDERS, str(caller.public_id))
        values = data.model_dump() | {"article": tidy(data.article)}
        async with self.database.write() as session:
            order = await OrderRepository(session).add(Order(buyer_id=caller.id, **values))
            await session.commit()
        return order

    async def mine(self, caller: Caller, query: PageQuery) -> Slice:
        async with self.database.read() as session:
            orders = OrderRepository(session)
            return await orders.page(orders.of_buyer(caller.id), query, self.cursors, f"orders:{caller.id}")

    async def everyones(self, caller: Caller, query: PageQuery) -> Slice:
        if not caller.email.endswith(STAFF):
            raise NotStaff
        async with self.database.read() as session:
            orders = OrderRepository(session)
            return await orders.page(orders.select(), query, self.cursors, "orders")

    async def parts(self, caller: Caller, order_id: UUID, query: PageQuery) -> Slice:
        async with self.database.read() as session:
            orders = OrderRepository(session)
            order = await orders.by_public_id(order_id)
            if order is None or order.buyer_id != caller.id:
                raise NotFound
            return await orders.page(orders.parts_of(order_id), query, self.cursors, f"orders:{order.id}")
