"""Heads of a context predictor: a network, the inputs it takes, and their standardisation; as plain numbers, too.

Axes: F columns of covariates (`covariates.COLUMNS`), D inputs that a head takes (columns that it uses, then the
filter's four moments where it has them).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.family import along_last
from babble_jax.timing.prediction.covariates import COLUMNS, COVARIATES
from babble_jax.timing.prediction.network import LogisticMixture, MixtureDensityNetwork

MOMENTS = ("loc_mean", "loc_sd", "log_scale_mean", "log_scale_sd")
"""The filter's moments, as inputs."""

INPUTS = (*COLUMNS, *MOMENTS)
"""All F + 4 inputs of a view, in their order."""

NETWORK = MixtureDensityNetwork()
_apply = jax.jit(NETWORK.apply)


def input_columns(covariates: Sequence[str], filter: bool = True) -> tuple[int, ...]:
    """Returns the indices into `INPUTS`, in order, of covariates and, with `filter`, of the filter's moments."""
    names = {column for covariate in covariates for column in COVARIATES[covariate]}
    names |= set(MOMENTS) if filter else set()
    return tuple(i for i, name in enumerate(INPUTS) if name in names)


@dataclasses.dataclass(frozen=True, eq=False)
class Head:
    """A network and the inputs it takes.

    Attributes:
      columns: [D] indices into `INPUTS`.
      mean: [D], subtracted from the inputs.
      deviation: [D], by which they are then divided.
      weights: of the network.
    """

    columns: tuple[int, ...]
    mean: np.ndarray
    deviation: np.ndarray
    weights: dict[str, Any]

    @fixed_numerics()
    def __call__(self, inputs: np.ndarray | jax.Array) -> LogisticMixture:
        """Computes the distributions [...] for inputs [..., F + 4]."""
        return _apply(self.weights, self.standardize(inputs))

    @fixed_numerics()
    def standardize(self, inputs: np.ndarray | jax.Array) -> jax.Array:
        """Selects and standardises inputs: [..., D] from [..., F + 4]."""
        selection = jnp.asarray(inputs)[..., jnp.asarray(self.columns, jnp.int32)]
        mean, deviation = (
            along_last(np.asarray(x, np.float32), jnp.asarray(inputs)[..., 0])
            for x in (self.mean, self.deviation)
        )
        z = (selection - mean) / deviation
        return jnp.clip(z, -6, 6)  # a rare value must not throw the distribution


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
        with fixed_numerics():
            expected = jax.eval_shape(
                NETWORK.init, jax.random.key(0), np.zeros((1, len(self.inputs)), np.float32)
            )
        expected = {
            layer: {k: v.shape for k, v in values.items()} for layer, values in expected["params"].items()
        }
        try:
            arrays = {
                layer: {name: np.asarray(value, np.float64) for name, value in values.items()}
                for layer, values in self.weights.items()
            }
        except (TypeError, ValueError) as error:
            raise ValueError("weights must be lists of numbers, all rows of one length") from error
        shapes = {
            layer: {name: value.shape for name, value in values.items()} for layer, values in arrays.items()
        }
        if shapes != expected:
            raise ValueError(
                f"weights of a head with {len(self.inputs)} inputs must have the shapes {expected}"
            )
        lengths = {len(self.inputs), len(self.mean), len(self.deviation)}
        numbers = [np.asarray(self.mean), np.asarray(self.deviation), *jax.tree.leaves(arrays)]
        if (
            len(lengths) != 1
            or not all(np.isfinite(x).all() for x in numbers)
            or min(self.deviation, default=1) <= 0
        ):
            raise ValueError(
                "mean and deviation must have one finite number for each input, deviations above 0"
            )

    def to_head(self) -> Head:
        """Builds the head that computes."""
        weights = jax.tree.map(
            lambda x: np.asarray(x, np.float32), self.weights, is_leaf=lambda x: isinstance(x, list)
        )
        columns = tuple(INPUTS.index(name) for name in self.inputs)
        return Head(columns, np.asarray(self.mean), np.asarray(self.deviation), {"params": weights})

    @classmethod
    def from_head(cls, head: Head) -> "HeadValues":
        """Returns the numbers of a head, its weights rounded to five decimals."""
        weights = jax.tree.map(lambda x: np.asarray(x, np.float64).round(5).tolist(), head.weights["params"])
        names = [INPUTS[i] for i in head.columns]
        return cls(names, head.mean.astype(float).tolist(), head.deviation.astype(float).tolist(), weights)
