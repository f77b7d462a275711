"""Predicts the next FTO from the context: a network's heads on top of the filter; JSON in and out, with a card.

Axes: F columns of covariates (`covariates.COLUMNS`). FTOs are seconds.
"""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from babble_jax import config
from babble_jax.numerics import fixed_numerics, typed_key
from babble_jax.timing.prediction import context
from babble_jax.timing.prediction.context import VIEWS, Distributions, Mode
from babble_jax.timing.prediction.filter import FilterState
from babble_jax.timing.prediction.heads import Head, HeadValues
from babble_jax.timing.prediction.offset_predictor import OffsetPredictor, PredictorCard


@dataclasses.dataclass(frozen=True)
class ContextPredictor:
    """Predicts when the next person starts to speak, from the FTOs so far and the context.

    Attributes:
      mode: which context counts (`context`, `history`).
      offset_predictor: its filter gives four of the inputs; it has `initial_state` and `update`.
      heads: one for each view of the mode.
      card: origin and scores; its gain is over one distribution for all.
    """

    mode: Mode
    offset_predictor: OffsetPredictor
    heads: dict[str, HeadValues]
    card: PredictorCard

    def __post_init__(self):
        if set(self.heads) != set(VIEWS[self.mode]):
            raise ValueError(f"mode {self.mode} has the heads {', '.join(VIEWS[self.mode])}")

    @fixed_numerics()
    def inputs(self, state: FilterState, speaker: ArrayLike, covariates: ArrayLike) -> jax.Array:
        """Joins the inputs of a head, [F + 4]: the covariates and the filter's moments of the taker.

        Args:
          state: of `offset_predictor`, from the FTOs that count by the view's moment.
          speaker: () int, the taker.
          covariates: [F] of the view, as `history` computes them.
        """
        moments = self.offset_predictor.moments(state, speaker)
        return jnp.concatenate([jnp.asarray(covariates, jnp.float32), moments])

    @fixed_numerics()
    def log_prob(self, inputs: Mapping[str, ArrayLike], fto: ArrayLike, earliest: ArrayLike) -> jax.Array:
        """Computes the log density, nats, of FTOs.

        Args:
          inputs: by view, [..., F + 4].
          fto: [...] seconds.
          earliest: [...] seconds, the least FTO that is possible.
        """
        return context.log_prob(self.mode, self._distributions(inputs), fto, earliest)

    @fixed_numerics()
    def cdf(self, inputs: Mapping[str, ArrayLike], fto: ArrayLike, earliest: ArrayLike) -> jax.Array:
        """Computes the probability of an FTO of at most `fto`.

        Args:
          inputs: by view, [..., F + 4].
          fto: [...] seconds.
          earliest: [...] seconds, the least FTO that is possible.
        """
        return -jnp.expm1(context.log_survival(self.mode, self._distributions(inputs), fto, earliest))

    def sample(self, key: jax.Array, inputs: Mapping[str, ArrayLike], earliest: ArrayLike) -> jax.Array:
        """Draws FTOs, seconds, of the shape of `earliest`.

        Args:
          key: PRNG key, consumed.
          inputs: by view, [..., F + 4].
          earliest: [...] seconds, the least FTO that is possible.
        """
        key = typed_key(key)
        with fixed_numerics():
            return context.sample(self.mode, self._distributions(inputs), key, earliest)

    @functools.cached_property
    def _heads(self) -> dict[str, Head]:
        return {view: values.to_head() for view, values in self.heads.items()}

    def _distributions(self, inputs: Mapping[str, ArrayLike]) -> Distributions:
        return {view: head(jnp.asarray(inputs[view])) for view, head in self._heads.items()}

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "context predictor") -> "ContextPredictor":
        """Builds the predictor from the values of `to_json`; `source` names it in errors.

        Raises:
          BabbleError: not a context predictor.
        """
        return config.from_json(cls, values, source)
