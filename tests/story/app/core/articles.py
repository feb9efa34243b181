"""Names of articles."""


def tidy(name: str) -> str:
    return " ".join(name.split())
