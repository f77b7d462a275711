"""Adds local features, one row per top frame, to the inputs of the tiers of a SampleRNN.

Axes: B streams, N top frames, C features, D units.
"""

import jax
import jax.numpy as jnp

from babble_jax.voice.contract import Cond, require_local
from babble_jax.voice.models import cells


def repeat_rows(rows: jax.Array, steps: int) -> jax.Array:
    """Repeats rows [B, N, D], one per top frame, to [B, steps, D]: each for the steps of its top frame."""
    return jnp.repeat(rows, steps // rows.shape[1], axis=1)


def project_features(count: int, dim: int, cond: Cond | None, steps: int, top: bool) -> jax.Array:
    """Computes the contribution of features to the input of each step of a tier.

    Every module takes the features, not the top tier alone: the state of a finer tier outlasts a change in the output
    of the coarser one.

    Args:
      count: C.
      dim: D.
      cond: features [B, top frames, C].
      steps: number of steps of the tier.
      top: whether it is the top tier.

    Returns:
      [B, steps, D].
    """
    rows = require_local(cond, count, steps if top else None)
    return repeat_rows(cells.Linear(dim, use_bias=False, name="features")(rows), steps)
