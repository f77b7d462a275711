"""Numbers of things in messages."""


def plural(count: int, noun: str) -> str:
    """Returns the number with its noun, which takes an s unless the number is 1: "1 offset", "2 offsets"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
