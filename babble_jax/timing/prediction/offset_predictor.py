"""A fitted sequential model: predicts the next offset of a running conversation; JSON in and out, with a card.

    predictor = SequentialModel.from_json(...)
    state = predictor.start(speakers=2)
    predictor.log_prob(state, 0.21, side=1)     # before it is known
    state = predictor.update(state, 0.21, side=1)  # once it is

Axes: M grid points of location, L of log scale. Offsets are seconds. Each call takes a fraction of a
millisecond once it is compiled; the state is K tables [M, L] (`filter`) for K speakers.
"""

import dataclasses
import functools
from typing import Any

import jax
from jax.typing import ArrayLike

from babble_jax import config
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction import filter
from babble_jax.timing.prediction.filter import Grid, State
from babble_jax.timing.prediction.population import Population


@dataclasses.dataclass(frozen=True)
class SequentialCard:
    """Where a sequential model comes from and how good it is.

    Attributes:
      corpus: names of the corpora, joined by " + ".
      conversations: their number.
      offsets: number of offsets fitted.
      definitions_version: of the events.
      heldout_nats: mean log density per held-out offset, each predicted from the earlier ones of its conversation.
      gain: of it over one law for all, fitted on the same offsets.
      se: standard error of the gain by groups; None where one group was held out.
      heldout_offsets: how many offsets these are means of.
      source: where the corpus is to be had.
      licence: terms of the corpus.
    """

    corpus: str
    conversations: int
    offsets: int
    definitions_version: int
    heldout_nats: float
    gain: float
    se: float | None
    heldout_offsets: int
    source: str = ""
    licence: str = ""


@dataclasses.dataclass(frozen=True)
class SequentialModel:
    """When the next person starts to speak, given the offsets of the conversation so far.

    Attributes:
      population: what all conversations share.
      fto_level: "ipu" or "turn", whose offsets these are.
      definitions: of the events.
      card: where it comes from.
    """

    population: Population
    fto_level: FtoLevel
    definitions: Definitions
    card: SequentialCard

    @functools.cached_property
    def grid(self) -> Grid:
        """The filter's constants."""
        return filter.time_resolution_of(self.population)

    def start(self, speakers: int = 2, corpus: str | None = None) -> State:
        """Before the first offset of a conversation.

        Args:
          speakers: their number; sides are 0 to speakers - 1.
          corpus: whose level the conversation has; the first of the population where absent.

        Raises:
          BabbleError: an unknown corpus, or fewer than two speakers.
        """
        names = list(self.population.corpora)
        corpus = names[0] if corpus is None else corpus
        if corpus not in names:
            raise BabbleError(f"The model knows no corpus {corpus!r}; choose from {', '.join(names)}.")
        if speakers < 2:
            raise BabbleError(f"A conversation has at least two speakers, not {speakers}.")
        return filter.start(self.grid, speakers, names.index(corpus))

    def log_prob(self, state: State, y: ArrayLike, side: ArrayLike, context: None = None) -> jax.Array:
        """Log density, nats, of an offset of `y` seconds, given that speaker `side` makes it."""
        return _log_prob(self.grid, state, y, side)

    def cdf(self, state: State, y: ArrayLike, side: ArrayLike, context: None = None) -> jax.Array:
        """Probability of an offset of at most `y`."""
        return _cdf(self.grid, state, y, side)

    def sample(self, key: jax.Array, state: State, side: ArrayLike, context: None = None) -> jax.Array:
        """Draws the next offset, seconds. key: PRNG key, consumed."""
        return _sample(self.grid, key, state, side)

    def moments(self, state: State, side: ArrayLike) -> jax.Array:
        """[4] what is known of a side: mean and deviation of its location, seconds, then of its log scale."""
        return _moments(self.grid, state, side)

    def update(self, state: State, y: ArrayLike, side: ArrayLike) -> State:
        """The state after an offset of `y` seconds by speaker `side`."""
        return _update(self.grid, state, y, side)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "sequential model") -> "SequentialModel":
        """The model that `to_json` gave; `source` names it in errors.

        Raises:
          BabbleError: not a sequential model.
        """
        return config.from_json(cls, values, source)


_update = jax.jit(filter.update)


@jax.jit
def _log_prob(grid: Grid, state: State, y: ArrayLike, side: ArrayLike) -> jax.Array:
    return filter.log_prob(grid, filter.law(grid, state, side), y)


@jax.jit
def _cdf(grid: Grid, state: State, y: ArrayLike, side: ArrayLike) -> jax.Array:
    return filter.cdf(grid, filter.law(grid, state, side), y)


@jax.jit
def _sample(grid: Grid, key: jax.Array, state: State, side: ArrayLike) -> jax.Array:
    return filter.sample(grid, filter.law(grid, state, side), key)


@jax.jit
def _moments(grid: Grid, state: State, side: ArrayLike) -> jax.Array:
    return filter.moments(grid, filter.law(grid, state, side))
