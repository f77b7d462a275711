"""A fitted distribution of floor-transfer offsets (FTOs) with its definitions, its level and its card.

Axes: FTOs of any shape, in seconds.
"""

import dataclasses
import functools
from typing import Any

import jax
import numpy as np
from jax.typing import ArrayLike

from babble_jax import config
from babble_jax.numerics import fixed_numerics, typed_key
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params, from_json
from babble_jax.timing.events import Definitions, FtoLevel


@dataclasses.dataclass(frozen=True)
class OffsetModelCard:
    """The origin of a fitted model and its scores on held-out conversations.

    Attributes:
      corpus: names of the corpora, joined by " + ".
      conversations: their number.
      offsets: number of FTOs that it was fitted on.
      definitions_version: of the events.
      heldout_nats: mean log density per FTO of a fit on the training groups, on the held-out ones; the
        model's own parameters are of a fit on all FTOs. None where nothing was held out.
      heldout_crps: the same, the continuous ranked probability score in seconds; None likewise.
      heldout_offsets: number of FTOs that these two are means of.
      source: where the corpus is to be had.
      licence: terms of the corpus.
      median: of the fitted distribution, seconds; None on cards written before it was stored.
      below_zero: share of the fitted distribution below zero; None likewise.
      prior: name of the preset towards which it was shrunk; None where it was fitted alone.
    """

    corpus: str
    conversations: int
    offsets: int
    definitions_version: int
    heldout_nats: float | None
    heldout_crps: float | None
    heldout_offsets: int
    source: str = ""
    licence: str = ""
    median: float | None = None
    below_zero: float | None = None
    prior: str | None = None


@dataclasses.dataclass(frozen=True)
class TimingModel:
    """A distribution of the time from the end of a turn to the start of the next speaker.

    The `context` of its methods is the argument of every timing model; the families here are unconditional
    and take none.

    Attributes:
      family: a name in `FAMILIES`.
      parameters: the family's parameters, as plain numbers and lists.
      fto_level: of the FTOs, "ipu" or "turn".
      definitions: of the events.
      card: where it comes from.
    """

    family: str
    parameters: dict[str, float | list[float]]
    fto_level: FtoLevel
    definitions: Definitions
    card: OffsetModelCard

    def __post_init__(self):
        if self.family not in FAMILIES:
            raise ValueError(f"no family {self.family!r}; there are {', '.join(FAMILIES)}")
        _ = self.params  # a rule too

    @functools.cached_property
    def params(self) -> Params:
        """Returns the parameters as float64 arrays."""
        return from_json(FAMILIES[self.family], self.parameters)

    def log_prob(self, fto: ArrayLike, context: None = None) -> jax.Array:
        """Computes the log density, nats, of the shape of `fto`."""
        return FAMILIES[self.family].log_prob(self.params, fto)

    def cdf(self, fto: ArrayLike, context: None = None) -> jax.Array:
        """Computes the probability of an FTO of at most `fto`."""
        return FAMILIES[self.family].cdf(self.params, fto)

    def sample(self, key: jax.Array, shape: tuple[int, ...] = (), context: None = None) -> jax.Array:
        """Draws FTOs, seconds.

        Args:
          key: PRNG key, consumed.
          shape: of the result.
          context: none is taken.
        """
        key = typed_key(key)
        with fixed_numerics():
            return FAMILIES[self.family].sample(self.params, key, shape)

    def summarize(self) -> dict[str, float]:
        """Computes the `median` (seconds) of the distribution and its share `below_zero`, from its cdf on a grid."""
        points = np.linspace(-20, 20, 40001)
        with fixed_numerics(x64=True):
            cdf = np.asarray(self.cdf(points))
        return {
            "median": float(np.interp(0.5, cdf, points)),
            "below_zero": float(np.interp(0.0, points, cdf)),
        }

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "timing model") -> "TimingModel":
        """Reads the values that `to_json` returned; `source` names them in errors.

        Raises:
          BabbleError: not a timing model, or one with wrong parameters.
        """
        return config.from_json(cls, values, source)
