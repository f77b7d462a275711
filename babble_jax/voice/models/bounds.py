"""Bounds on the sizes of a model, checked before anything is built: wide enough for research, and no wider."""

from typing import Any

LARGEST = 16384
"""Units or channels of a layer."""
DEEPEST = 64
"""Layers of one kind, one after another."""
MOST_PARAMETERS = 2_000_000_000
"""Parameters of a model in all."""


def check_sizes(config: Any, **largest: int) -> None:
    """Checks that fields of a config are not too large.

    Args:
      config: of a model.
      **largest: the largest value of each field.

    Raises:
      ValueError: a field is larger.
    """
    for name, most in largest.items():
        value = getattr(config, name)
        if value > most:
            raise ValueError(f"{name} is {shorten(value)}; choose {most} at most")


def shorten(value: object) -> str:
    """Returns a value as messages show it: 40 characters at most."""
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
