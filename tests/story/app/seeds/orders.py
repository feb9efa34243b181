"""Orders of the sample data."""

from app.components import Components

ORDER = 30


async def seed(components: Components) -> list[str]:
    """Return the size of a page. There are no sample orders."""
    return [f"No orders, {components.settings.orders_per_page} a page."]
