"""The names of integer keys. Responses must not contain them: clients see only UUIDs."""

from sqlalchemy import Integer

from app import models
from app.core.discovery import modules_of
from app.db.base import Base

modules_of(models)
# Primary and foreign keys. Other numbers may be shown.
NAMES = {
    column.name
    for table in Base.metadata.tables.values()
    for column in table.columns
    if (column.primary_key or column.foreign_keys) and isinstance(column.type, Integer)
}
