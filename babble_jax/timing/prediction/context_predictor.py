"""A fitted context model: the network's heads on top of the filter; JSON in and out, with a card.

Axes: F columns of covariates (`covariates.COLUMNS`), D inputs that a head takes. Offsets are seconds.
"""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from babble_jax import config
from babble_jax.timing.prediction import context
from babble_jax.timing.prediction.context import VIEWS, Heads, Mode
from babble_jax.timing.prediction.filter import State
from babble_jax.timing.prediction.model import SequentialCard, SequentialModel
from babble_jax.timing.prediction.training import INPUTS, NETWORK, Head


@dataclasses.dataclass(frozen=True)
class HeadValues:
    """A head as plain numbers.

    Attributes:
      inputs: names of `INPUTS`, in their order.
      mean: [D].
      deviation: [D].
      weights: by layer, `kernel` (a list of rows) and `bias`.
    """

    inputs: list[str]
    mean: list[float]
    deviation: list[float]
    weights: dict[str, dict[str, list[Any]]]

    def __post_init__(self):
        unknown = [name for name in self.inputs if name not in INPUTS]
        if unknown:
            raise ValueError(f"there is no input {unknown[0]!r}")
        expected = jax.eval_shape(
            NETWORK.init, jax.random.key(0), np.zeros((1, len(self.inputs)), np.float32)
        )
        expected = {
            layer: {k: v.shape for k, v in values.items()} for layer, values in expected["params"].items()
        }
        try:
            given = {
                layer: {name: np.asarray(value, np.float64) for name, value in values.items()}
                for layer, values in self.weights.items()
            }
        except (TypeError, ValueError) as error:
            raise ValueError("weights must be lists of numbers, all rows of one length") from error
        shapes = {
            layer: {name: value.shape for name, value in values.items()} for layer, values in given.items()
        }
        if shapes != expected:
            raise ValueError(
                f"weights of a head with {len(self.inputs)} inputs must have the shapes {expected}"
            )
        lengths = {len(self.inputs), len(self.mean), len(self.deviation)}
        flat = [np.asarray(self.mean), np.asarray(self.deviation), *jax.tree.leaves(given)]
        if (
            len(lengths) != 1
            or not all(np.isfinite(x).all() for x in flat)
            or min(self.deviation, default=1) <= 0
        ):
            raise ValueError(
                "mean and deviation must have one finite number for each input, deviations above 0"
            )

    def head(self) -> Head:
        """The head that computes."""
        weights = jax.tree.map(
            lambda x: np.asarray(x, np.float32), self.weights, is_leaf=lambda x: isinstance(x, list)
        )
        columns = tuple(INPUTS.index(name) for name in self.inputs)
        return Head(columns, np.asarray(self.mean), np.asarray(self.deviation), {"params": weights})

    @classmethod
    def of(cls, head: Head) -> "HeadValues":
        """The numbers of a head."""
        weights = jax.tree.map(lambda x: np.asarray(x, np.float64).round(5).tolist(), head.weights["params"])
        names = [INPUTS[i] for i in head.columns]
        return cls(names, head.mean.astype(float).tolist(), head.deviation.astype(float).tolist(), weights)


@dataclasses.dataclass(frozen=True)
class ContextModel:
    """When the next person starts to speak, given the offsets so far and the context.

    Attributes:
      mode: what the context is (`context`, `history`).
      sequential: the model whose filter gives four of the inputs; `start` and `update` are its.
      heads: one for each view of the mode.
      card: where it comes from; its gain is over one law for all.
    """

    mode: Mode
    sequential: SequentialModel
    heads: dict[str, HeadValues]
    card: SequentialCard

    def __post_init__(self):
        if set(self.heads) != set(VIEWS[self.mode]):
            raise ValueError(f"mode {self.mode} has the heads {', '.join(VIEWS[self.mode])}")

    def inputs(self, state: State, side: ArrayLike, covariates: ArrayLike) -> jax.Array:
        """[F + 4] what a head is given: covariates [F] of its view and the filter's moments for the taker.

        Args:
          state: of `sequential`, from the offsets that count by the view's moment.
          side: the taker.
          covariates: [F] of the view, as `history` gives them.
        """
        return jnp.concatenate([jnp.asarray(covariates, jnp.float32), self.sequential.moments(state, side)])

    def log_prob(self, inputs: Mapping[str, ArrayLike], y: ArrayLike, earliest: ArrayLike) -> jax.Array:
        """Log density, nats, of an offset of `y` seconds.

        Args:
          inputs: by view, [..., F + 4].
          y: [...].
          earliest: [...] seconds, the least offset that is possible.
        """
        return context.log_prob(self.mode, self._laws(inputs), y, earliest)

    def cdf(self, inputs: Mapping[str, ArrayLike], y: ArrayLike, earliest: ArrayLike) -> jax.Array:
        """Probability of an offset of at most `y`."""
        return -jnp.expm1(context.log_survival(self.mode, self._laws(inputs), y, earliest))

    def sample(self, key: jax.Array, inputs: Mapping[str, ArrayLike], earliest: ArrayLike) -> jax.Array:
        """Draws offsets of the shape of `earliest`. key: PRNG key, consumed."""
        return context.sample(self.mode, self._laws(inputs), key, earliest)

    @functools.cached_property
    def _heads(self) -> dict[str, Head]:
        return {view: values.head() for view, values in self.heads.items()}

    def _laws(self, inputs: Mapping[str, ArrayLike]) -> Heads:
        return {view: head(jnp.asarray(inputs[view])) for view, head in self._heads.items()}

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "context model") -> "ContextModel":
        """The model that `to_json` gave; `source` names it in errors.

        Raises:
          BabbleError: not a context model.
        """
        return config.from_json(cls, values, source)
