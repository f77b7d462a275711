"""Options that give an experiment other values than its own, for the line that begins a run again."""

from collections.abc import Mapping
from typing import Any

from babble_jax.launch.values import flatten


def options_between(own: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """Writes the options that turn an experiment's own values into others.

    Args:
      own: JSON values of the experiment's module.
      values: JSON values of the run, with the same fields.
    """
    before, words = flatten(own), []
    for name, value in flatten(values).items():
        if name in before and before[name] == value:
            continue
        *above, last = name.replace("_", "-").split(".")
        if isinstance(value, bool):
            words.append("--" + ".".join((*above, last if value else f"no-{last}")))
        elif isinstance(value, list):
            words += ["--" + ".".join((*above, last)), *map(str, value)]
        else:
            words += ["--" + ".".join((*above, last)), str(value)]
    return words
