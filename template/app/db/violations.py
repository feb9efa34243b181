"""A write that the database refused."""


class Violation(Exception):
    """Carries the constraint's name, by which a service tells what happened. Only the database decides uniqueness."""

    def __init__(self, constraint: str | None) -> None:
        super().__init__(constraint)
        self.constraint = constraint
