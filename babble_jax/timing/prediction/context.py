"""Turns the heads of a network into one distribution of the next FTO, in each mode of prediction.

Axes: any shape of FTOs, [...], in seconds.

- `descriptive`: one distribution given the descriptive view, truncated at the earliest possible FTO.
- `causal`: the first decision's distribution below 0; at 0 and above its probability of not starting in overlap
  times the second decision's distribution, truncated at 0 and at the earliest possible FTO. Each density at y thus
  depends on what was visible to the decision that makes it, and the total integrates to 1.
- `projected`: the same, but for an agent that sees the end coming: the first decision's distribution is truncated
  at the earliest FTO, too. A distribution truncated from below has, after that point, the hazard it had before, so
  nothing but the end itself is foreseen; yet its normalisation depends on the IPU's length, which is why this mode
  is apart from `causal`.
"""

from typing import Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from babble_jax.timing.prediction.network import LogisticMixture

Mode = Literal["descriptive", "causal", "projected"]

VIEWS: dict[Mode, tuple[str, ...]] = {
    "descriptive": ("over",),
    "causal": ("onset", "end"),
    "projected": ("onset", "end"),
}
"""The views of `history` that a mode has a head for."""

Distributions = dict[str, LogisticMixture]
"""The distribution of each head of a mode, by view, each of the shape of the FTOs."""

LONGEST = 60.0
"""Seconds beyond which no FTO is drawn."""


def lower_bound(mode: Mode, view: str, earliest: ArrayLike) -> jax.Array:
    """Returns the lower bound of the distribution of a view: [...] seconds, minus infinity where it is not truncated.

    Args:
      mode: of the prediction.
      view: of the head.
      earliest: [...] seconds, the earliest possible FTO.
    """
    earliest = jnp.asarray(earliest)
    if view == "end":
        return jnp.maximum(earliest, 0)
    return jnp.full_like(earliest, -jnp.inf) if mode == "causal" else earliest


def log_prob(mode: Mode, heads: Distributions, y: ArrayLike, earliest: ArrayLike) -> jax.Array:
    """Computes the log density, nats, of FTOs.

    Args:
      mode: of the prediction.
      heads: the distributions by view, each [...].
      y: [...] seconds, not below the earliest possible FTO.
      earliest: [...] seconds, the earliest possible FTO.
    """
    y = jnp.asarray(y)
    first = heads[VIEWS[mode][0]]
    bound = lower_bound(mode, VIEWS[mode][0], earliest)
    log_mass = first.log_survival(bound)
    overlap = first.log_prob(y) - log_mass
    if mode == "descriptive":
        return overlap
    gap_bound = lower_bound(mode, "end", earliest)
    gap = heads["end"].log_prob(y) - heads["end"].log_survival(gap_bound)
    log_wait = first.log_survival(jnp.maximum(bound, 0)) - log_mass
    return jnp.where(y < 0, overlap, log_wait + gap)


def log_survival(mode: Mode, heads: Distributions, y: ArrayLike, earliest: ArrayLike) -> jax.Array:
    """Computes the log probability of an FTO of more than `y`.

    Args:
      mode: of the prediction.
      heads: the distributions by view, each [...].
      y: [...] seconds.
      earliest: [...] seconds, the earliest possible FTO.
    """
    y = jnp.asarray(y)
    first = heads[VIEWS[mode][0]]
    bound = lower_bound(mode, VIEWS[mode][0], earliest)
    log_mass = first.log_survival(bound)
    overlap = first.log_survival(jnp.maximum(y, bound)) - log_mass
    if mode == "descriptive":
        return overlap
    gap_bound = lower_bound(mode, "end", earliest)
    gap = heads["end"].log_survival(jnp.maximum(y, gap_bound)) - heads["end"].log_survival(gap_bound)
    log_wait = first.log_survival(jnp.maximum(bound, 0)) - log_mass
    return jnp.where(y < 0, overlap, log_wait + gap)


def sample(mode: Mode, heads: Distributions, key: jax.Array, earliest: ArrayLike) -> jax.Array:
    """Draws FTOs, seconds, of the shape of `earliest`, by bisection of the survival function.

    Args:
      mode: of the prediction.
      heads: the distributions by view, each [...].
      key: PRNG key, consumed.
      earliest: [...] seconds, the earliest possible FTO.
    """
    earliest = jnp.asarray(earliest)
    log_u = jnp.log(jax.random.uniform(key, earliest.shape, minval=1e-7))

    def halve(_: int, ends: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        low, high = ends
        middle = (low + high) / 2
        above = log_survival(mode, heads, middle, earliest) > log_u
        return jnp.where(above, middle, low), jnp.where(above, high, middle)

    ends = jnp.full_like(earliest, -LONGEST), jnp.full_like(earliest, LONGEST)
    low, high = jax.lax.fori_loop(0, 40, halve, ends)
    return jnp.maximum((low + high) / 2, lower_bound(mode, VIEWS[mode][0], earliest))
