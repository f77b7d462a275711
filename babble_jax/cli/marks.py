"""Marks of options that tyro's help would describe by an empty default."""

from tyro.conf import arg

REQUIRED = arg(help_behavior_hint="(required)")
"""Of a positional argument of one value or more, which tyro takes for optional."""
NO_HINT = arg(help_behavior_hint="")
"""Of an option whose help says what is taken where it is left out."""
