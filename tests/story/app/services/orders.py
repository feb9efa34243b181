"""Orders."""

from app.components import Components
from app.core.articles import tidy
from app.core.pagination import PageQuery, Slice
from app.models.callers import Caller
from app.models.orders import Order
from app.repositories.orders import OrderRepository
from app.schemas.orders import OrderCreate


class OrderService:
    def __init__(self, components: Components) -> None:
        self.database = components.database
        self.cursors = components.cursors

    async def place(self, caller: Caller, data: OrderCreate) -> Order:
        async with self.database.write() as session:
            order = await OrderRepository(session).add(Order(buyer_id=caller.id, article=tidy(data.article)))
            await session.commit()
        return order

    async def mine(self, caller: Caller, query: PageQuery) -> Slice:
        async with self.database.read() as session:
            orders = OrderRepository(session)
            return await orders.page(orders.of_buyer(caller.id), query, self.cursors, f"orders:{caller.id}")
