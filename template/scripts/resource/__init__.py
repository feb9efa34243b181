"""The parts of `scripts/new_resource.py`. What it writes is in `templates/`, which you can change to your style."""


class Refused(Exception):
    """Nothing was written. The message is one sentence for the user."""
