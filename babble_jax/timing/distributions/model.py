"""A fitted law of offsets with everything that says what it is: definitions, level and card.

Axes: any shape of offsets, in seconds.
"""

import dataclasses
import functools
from typing import Any

import jax
from jax.typing import ArrayLike

from babble_jax import config
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import Params, from_json
from babble_jax.timing.events import Definitions, FtoLevel


@dataclasses.dataclass(frozen=True)
class OffsetModelCard:
    """Where a fitted model comes from and how good it is.

    Attributes:
      corpus: names of the corpora, joined by " + ".
      conversations: their number.
      offsets: number of offsets fitted.
      definitions_version: of the events.
      heldout_nats: mean log density per offset of a fit on the training groups, on the held-out ones; the
        model's own parameters are of a fit on all offsets.
      heldout_crps: the same, the continuous ranked probability score in seconds.
      heldout_offsets: how many offsets these two are means of.
      source: where the corpus is to be had.
      licence: terms of the corpus.
    """

    corpus: str
    conversations: int
    offsets: int
    definitions_version: int
    heldout_nats: float
    heldout_crps: float
    heldout_offsets: int
    source: str = ""
    licence: str = ""


@dataclasses.dataclass(frozen=True)
class TimingModel:
    """When the next person starts to speak, relative to the end of the turn before.

    The `context` of its methods is the argument of every timing model; the families here are unconditional
    and take none.

    Attributes:
      family: a name in `FAMILIES`.
      parameters: the family's parameters, as plain numbers and lists.
      fto_level: "ipu" or "turn", whose offsets these are.
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
        """The parameters as float64 arrays."""
        return from_json(FAMILIES[self.family], self.parameters)

    def log_prob(self, offset: ArrayLike, context: None = None) -> jax.Array:
        """Log density, nats, of the shape of `offset`."""
        return FAMILIES[self.family].log_prob(self.params, offset)

    def cdf(self, offset: ArrayLike, context: None = None) -> jax.Array:
        """Probability of an offset of at most `offset`."""
        return FAMILIES[self.family].cdf(self.params, offset)

    def sample(self, key: jax.Array, shape: tuple[int, ...] = (), context: None = None) -> jax.Array:
        """Draws offsets, seconds. key: PRNG key, consumed."""
        return FAMILIES[self.family].sample(self.params, key, shape)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "timing model") -> "TimingModel":
        """The model that `to_json` gave; `source` names it in errors.

        Raises:
          BabbleError: not a timing model, or one with wrong parameters.
        """
        return config.from_json(cls, values, source)
