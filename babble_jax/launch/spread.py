"""The spread of a result over seeds."""

import statistics
from collections.abc import Sequence
from typing import Any

from babble_jax.launch.rows import numbers_of


def differ_in_seed_alone(values: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tells whether two experiments have the same values, by dotted names, but for seeds.

    Args:
      values: leaves of one, as `babble_jax.launch.values.flatten` lists them.
      other: leaves of the other.
    """
    return all(
        values.get(name) == other.get(name)
        for name in {**values, **other}
        if name.rsplit(".", 1)[-1] != "seed"
    )


def spread_over_seeds(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Computes the standard deviation over seeds of each number that differs between results.

    Args:
      results: of one experiment, a seed each; two at least.

    Returns:
      `seeds`, how many there are, and `sd` by the dotted names of the numbers that all results have.
    """
    numbers = [numbers_of(result) for result in results]
    shared = [name for name in numbers[0] if all(name in own for own in numbers)]
    deviations = {name: statistics.stdev(own[name] for own in numbers) for name in shared}
    return {"seeds": len(results), "sd": {name: value for name, value in deviations.items() if value > 0}}
