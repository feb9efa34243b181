"""What a command will not do."""


class Refused(Exception):
    """Its text is the one line that is shown."""
