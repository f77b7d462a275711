"""The modes of prediction from context: how the heads of a network make one law of the next offset.

Axes: any shape of offsets, [...], in seconds.

- `descriptive`: one law given the descriptive view, truncated at the earliest possible offset.
- `causal`: the first decision's law below 0; at 0 and above its probability of not starting in overlap times
  the second decision's law, truncated at 0 and at the earliest possible offset. Each density at y is thus of
  what was seen by the decision that makes it, and the whole integrates to 1.
- `projected`: the same, but for an agent that sees the end coming: the first decision's law is truncated at
  the earliest offset, too. A law truncated from below has, after that point, the hazard it had before, so
  nothing but the end itself is foreseen; yet its normalisation is of the IPU's length, which is why it is told
  apart from `causal`.
"""

from typing import Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from babble_jax.timing.prediction.network import Mixture

Mode = Literal["descriptive", "causal", "projected"]

VIEWS: dict[Mode, tuple[str, ...]] = {
    "descriptive": ("over",),
    "causal": ("onset", "end"),
    "projected": ("onset", "end"),
}
"""The views of `history` that a mode has a head for."""

Heads = dict[str, Mixture]


def lower_bound(mode: Mode, view: str, earliest: ArrayLike) -> jax.Array:
    """Where the law of a view begins: [...] seconds, minus infinity where it is not truncated."""
    earliest = jnp.asarray(earliest)
    if view == "end":
        return jnp.maximum(earliest, 0)
    return jnp.full_like(earliest, -jnp.inf) if mode == "causal" else earliest


def log_prob(mode: Mode, heads: Heads, y: ArrayLike, earliest: ArrayLike) -> jax.Array:
    """Log density, nats; of an offset that is not below the earliest one."""
    y = jnp.asarray(y)
    first = heads[VIEWS[mode][0]]
    below = lower_bound(mode, VIEWS[mode][0], earliest)
    whole = first.log_survival(below)
    overlap = first.log_prob(y) - whole
    if mode == "descriptive":
        return overlap
    least = lower_bound(mode, "end", earliest)
    gap = heads["end"].log_prob(y) - heads["end"].log_survival(least)
    waits = first.log_survival(jnp.maximum(below, 0)) - whole
    return jnp.where(y < 0, overlap, waits + gap)


def log_survival(mode: Mode, heads: Heads, y: ArrayLike, earliest: ArrayLike) -> jax.Array:
    """Log probability of an offset of more than `y`."""
    y = jnp.asarray(y)
    first = heads[VIEWS[mode][0]]
    below = lower_bound(mode, VIEWS[mode][0], earliest)
    whole = first.log_survival(below)
    overlap = first.log_survival(jnp.maximum(y, below)) - whole
    if mode == "descriptive":
        return overlap
    least = lower_bound(mode, "end", earliest)
    gap = heads["end"].log_survival(jnp.maximum(y, least)) - heads["end"].log_survival(least)
    waits = first.log_survival(jnp.maximum(below, 0)) - whole
    return jnp.where(y < 0, overlap, waits + gap)


def sample(mode: Mode, heads: Heads, key: jax.Array, earliest: ArrayLike) -> jax.Array:
    """Draws offsets, of the shape of `earliest`, by bisection of the survival function. key: PRNG key, consumed."""
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


LONGEST = 60.0
"""Seconds beyond which no offset is drawn."""
