"""A write that the database refused."""


class Violation(Exception):
    """Carries the constraint's name, by which a service tells what happened. Uniqueness is decided here, never by a look before."""

    def __init__(self, constraint: str | None) -> None:
        super().__init__(constraint)
        self.constraint = constraint
