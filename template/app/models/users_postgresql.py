"""What administrators search is in the order of bytes, so that an index finds a prefix in every locale."""

from sqlalchemy import String

from app.models.users import MAX_EMAIL, MAX_FOLDED, User

for name, length in {"email": MAX_EMAIL, "first_name_folded": MAX_FOLDED, "last_name_folded": MAX_FOLDED}.items():
    User.__table__.c[name].type = String(length, collation="C")
