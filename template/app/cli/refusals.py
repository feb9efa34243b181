"""The exception of commands."""


class Refused(Exception):
    """A command cannot do this. The message is printed as one line."""
