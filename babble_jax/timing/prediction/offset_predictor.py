"""Predicts the next FTO of a running conversation from the earlier ones; JSON in and out, with a card.

    predictor = OffsetPredictor.from_json(...)
    state = predictor.initial_state(speakers=2)
    predictor.log_prob(state, 0.21, speaker=1)        # before it happens
    state = predictor.update(state, 0.21, speaker=1)  # once it has

Axes: M grid points of location, L of log scale. FTOs are seconds. Each call takes a fraction of a
millisecond once it is compiled; the state is K tables [M, L] (`filter`) for K speakers.
"""

import dataclasses
import functools
from typing import Any

import jax
from jax.typing import ArrayLike

from babble_jax import config
from babble_jax.errors import BabbleError
from babble_jax.numerics import fixed_numerics, typed_key
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction import filter
from babble_jax.timing.prediction.filter import DeviationGrid, FilterState
from babble_jax.timing.prediction.population import Population


@dataclasses.dataclass(frozen=True)
class PredictorCard:
    """The origin and the held-out score of a predictor.

    Attributes:
      corpus: names of the corpora, joined by " + ".
      conversations: number of conversations fitted.
      offsets: number of FTOs fitted.
      definitions_version: of the events.
      heldout_nats: mean log density per held-out FTO, each predicted from the earlier ones of its conversation.
      log_score_gain: nats per held-out FTO over one Johnson-SU distribution for all, fitted on the same FTOs.
      se: standard error of the gain by groups, nats; None where one group was held out.
      heldout_offsets: number of held-out FTOs.
      source: where the corpus is to be had.
      licence: terms of the corpus.
    """

    corpus: str
    conversations: int
    offsets: int
    definitions_version: int
    heldout_nats: float
    log_score_gain: float
    se: float | None
    heldout_offsets: int
    source: str = ""
    licence: str = ""


@dataclasses.dataclass(frozen=True)
class OffsetPredictor:
    """Predicts when the next person starts to speak, from the FTOs of the conversation so far.

    Attributes:
      population: parameters that all conversations share.
      fto_level: "ipu" or "turn", whose FTOs these are.
      definitions: of the events.
      card: origin and scores.
    """

    population: Population
    fto_level: FtoLevel
    definitions: Definitions
    card: PredictorCard

    @functools.cached_property
    def grid(self) -> DeviationGrid:
        """The filter's constants."""
        return filter.make_grid(self.population)

    @fixed_numerics()
    def initial_state(self, speakers: int = 2, corpus: str | None = None) -> FilterState:
        """Returns the state before the first FTO of a conversation.

        Args:
          speakers: their number K; they are numbered from 0 to K - 1.
          corpus: whose location and scale the conversation has; the first of the population where absent.

        Raises:
          BabbleError: an unknown corpus, or fewer than two speakers.
        """
        names = list(self.population.corpora)
        corpus = names[0] if corpus is None else corpus
        if corpus not in names:
            raise BabbleError(f"The model knows no corpus {corpus!r}; choose from {', '.join(names)}.")
        if speakers < 2:
            raise BabbleError(f"A conversation has at least two speakers, not {speakers}.")
        return filter.initial_state(self.grid, speakers, names.index(corpus))

    @fixed_numerics()
    def log_prob(self, state: FilterState, fto: ArrayLike, speaker: ArrayLike) -> jax.Array:
        """Computes the log density of the next FTO, nats.

        Args:
          state: from the FTOs so far.
          fto: () seconds.
          speaker: () int in [0, K), the incoming speaker.
        """
        return _log_prob(self.grid, state, fto, speaker)

    @fixed_numerics()
    def cdf(self, state: FilterState, fto: ArrayLike, speaker: ArrayLike) -> jax.Array:
        """Computes the probability that the next FTO is at most `fto`.

        Args:
          state: from the FTOs so far.
          fto: () seconds.
          speaker: () int in [0, K), the incoming speaker.
        """
        return _cdf(self.grid, state, fto, speaker)

    def sample(self, key: jax.Array, state: FilterState, speaker: ArrayLike) -> jax.Array:
        """Draws the next FTO, seconds.

        Args:
          key: PRNG key, consumed.
          state: from the FTOs so far.
          speaker: () int in [0, K), the incoming speaker.
        """
        key = typed_key(key)
        with fixed_numerics():
            return _sample(self.grid, key, state, speaker)

    @fixed_numerics()
    def moments(self, state: FilterState, speaker: ArrayLike) -> jax.Array:
        """Computes [4], the posterior of a speaker: mean and SD of its location, seconds, then of its log scale."""
        return _moments(self.grid, state, speaker)

    @fixed_numerics()
    def update(self, state: FilterState, fto: ArrayLike, speaker: ArrayLike) -> FilterState:
        """Returns the state after an FTO.

        Args:
          state: before it.
          fto: () seconds.
          speaker: () int in [0, K), the incoming speaker.
        """
        return _update(self.grid, state, fto, speaker)

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "offset predictor") -> "OffsetPredictor":
        """Builds the predictor from the values of `to_json`; `source` names it in errors.

        Raises:
          BabbleError: not an offset predictor.
        """
        return config.from_json(cls, values, source)


_update = jax.jit(filter.update)


@jax.jit
def _log_prob(grid: DeviationGrid, state: FilterState, fto: ArrayLike, speaker: ArrayLike) -> jax.Array:
    return filter.log_prob(grid, filter.predict(grid, state, speaker), fto)


@jax.jit
def _cdf(grid: DeviationGrid, state: FilterState, fto: ArrayLike, speaker: ArrayLike) -> jax.Array:
    return filter.cdf(grid, filter.predict(grid, state, speaker), fto)


@jax.jit
def _sample(grid: DeviationGrid, key: jax.Array, state: FilterState, speaker: ArrayLike) -> jax.Array:
    return filter.sample(grid, filter.predict(grid, state, speaker), key)


@jax.jit
def _moments(grid: DeviationGrid, state: FilterState, speaker: ArrayLike) -> jax.Array:
    return filter.moments(grid, filter.predict(grid, state, speaker))
