"""The index of the search: it finds any part of a text."""

from sqlalchemy import Index

from app.models.items import Item

Index(None, Item.search_text, postgresql_using="gin", postgresql_ops={"search_text": "gin_trgm_ops"})
