"""Orders of the sample data."""

from app.components import Components

ORDER = 30


async def seed(components: Components) -> list[str]:
    """Tell how many there may be on a page; nobody ordered anything yet."""
    return [f"No orders, {components.settings.orders_per_page} a page."]
