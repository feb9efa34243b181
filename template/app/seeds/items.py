"""Items of the sample data."""

from sqlalchemy import select

from app.components import Components
from app.models.items import Item, ItemStatus
from app.models.users import User
from app.repositories.items import ItemRepository
from app.seeds.users import PEOPLE

ORDER = 20
SAMPLES = (
    ("Brass telescope", "Shows the rings of Saturn on a clear night.", ItemStatus.ACTIVE),
    ("Crème brûlée torch", "Refillable, hardly used.", ItemStatus.ACTIVE),
    ("Notes on an engine", None, ItemStatus.DRAFT),
    ("Bicycle without wheels", "Sold.\nKept for the record.", ItemStatus.ARCHIVED),
)


async def seed(components: Components) -> list[str]:
    """Add sample items to each sample account that has none."""
    emails = [email for email, *_ in PEOPLE]
    async with components.database.write() as session:
        items = ItemRepository(session)
        owners = (await session.scalars(select(User).where(User.email.in_(emails)).order_by(User.id))).all()
        new = [owner for owner in owners if not (await session.scalars(items.owned_by(owner.id))).first()]
        for owner in new:
            for name, description, status in SAMPLES:
                await items.add(Item(owner=owner, name=name, description=description, status=status))
        await session.commit()
    return [f"{len(new) * len(SAMPLES)} items created."]
