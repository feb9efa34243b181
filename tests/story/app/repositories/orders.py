"""Orders in the database."""

from uuid import UUID

from sqlalchemy import Select

from app.models.orders import Order
from app.repositories.base import Repository


class OrderRepository(Repository[Order]):
    model = Order

    def of_buyer(self, user_id: int) -> Select[Order]:
        return self.select().where(Order.buyer_id == user_id)

    def parts_of(self, order_id: UUID) -> Select[Order]:
        return self.select().where(Order.parent_id == order_id)
