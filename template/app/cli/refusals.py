"""Errors of commands."""


class Refused(Exception):
    """A command does not do this. The message is the one line that is shown."""
