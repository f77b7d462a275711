"""Coupling: whether the timing of one side follows that of the other.

A pair is a floor transfer to the agent and the next one to the user: how soon the agent came in, and how soon the user
answered then. The slope of the user's floor-transfer offset (FTO) over the agent's says by how many milliseconds the
user answers later where the agent was one millisecond later; 0 where the user does not follow. Both may follow a third
thing, the mood of a stretch of talk say. Of shifts that were drawn at random (`--perturb`) the slope is an effect.

Axes: P pairs, B bootstrap draws. Times are seconds.

References: Street, Speech convergence and speech evaluation in fact-finding interviews (1984), for response latencies
that converge; Levinson & Torreira, Timing in turn-taking (2015).
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, FtoLevel, floor_transfers, ipus

MIN_PAIRS = 20
"""Fewest pairs of which a slope is given."""
DRAWS = 2000
"""Bootstrap draws of pairs."""

_RANGE = (0.025, 0.975)


@dataclasses.dataclass(frozen=True)
class Coupling:
    """How the user's FTO depends on something about the agent's turn before it.

    Attributes:
      name: "fto" for the agent's FTO, "shift" for the shift that was drawn for the agent's turn.
      pairs: number of pairs.
      slope: of the regression of the user's FTO, seconds per second; None where there are too few pairs.
      low: lower end of its bootstrap interval of 95 % over pairs.
      high: upper end.
      correlation: of ranks (Spearman).
      people: the same slope of people, for "fto"; None where it is not known.
    """

    name: str
    pairs: int
    slope: float | None
    low: float | None
    high: float | None
    correlation: float | None
    people: float | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Pairs:
    """Floor transfers to one speaker, each with the next one to another.

    Attributes:
      time: [P] onset of the first speaker's IPU.
      first: [P] FTO of the first speaker.
      second: [P] FTO of the speaker who answers then.
    """

    time: np.ndarray
    first: np.ndarray
    second: np.ndarray


def find_pairs(
    conversation: Conversation, first: str, definitions: Definitions, fto_level: FtoLevel = "ipu"
) -> Pairs:
    """Finds the pairs of a conversation.

    Args:
      conversation: of any number of speakers.
      first: name of the speaker whose FTO comes first.
      definitions: of the events.
      fto_level: of the FTOs.
    """
    units = ipus(conversation, definitions)
    transfers = floor_transfers(units, fto_level, definitions)
    row = np.flatnonzero(transfers.defined)
    own = transfers.speaker[row] == conversation.speakers.index(first)
    follows = own[:-1] & ~own[1:] & (transfers.window[row[:-1]] == transfers.window[row[1:]])
    before, after = row[:-1][follows], row[1:][follows]
    return Pairs(transfers.time[before], transfers.fto[before], transfers.fto[after])


def measure_coupling(name: str, x: np.ndarray, y: np.ndarray, people: float | None = None) -> Coupling:
    """Regresses the user's FTO on something about the agent's turn before it.

    Args:
      name: of it.
      x: [P] its values, seconds.
      y: [P] FTO of the user, seconds.
      people: slope of people.
    """
    count = len(x)
    if count < MIN_PAIRS or not np.ptp(x) or not np.ptp(y):
        return Coupling(name, count, None, None, None, None, people)
    picks = np.random.default_rng(0).integers(0, count, (DRAWS, count))
    slopes = _slope(x[picks], y[picks])
    low, high = np.nanquantile(slopes, _RANGE).tolist()
    first, second = (np.argsort(np.argsort(values, kind="stable")).astype(np.float64) for values in (x, y))
    correlation = float(np.corrcoef(first, second)[0, 1])
    return Coupling(name, count, float(_slope(x, y)), low, high, correlation, people)


def _slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Returns least-squares slopes of [..., P]; NaN where all of x are equal."""
    dx = x - x.mean(axis=-1, keepdims=True)
    spread = (dx * dx).sum(axis=-1)
    product = (dx * (y - y.mean(axis=-1, keepdims=True))).sum(axis=-1)
    return np.where(spread > 0, product / np.where(spread > 0, spread, 1.0), np.nan)


def people_slope(
    people: Sequence[Conversation], definitions: Definitions, fto_level: FtoLevel
) -> float | None:
    """Computes the slope of people: all speakers of all dialogues, each centred on their own means.

    Args:
      people: dialogues.
      definitions: of the events.
      fto_level: of the FTOs.
    """
    above = below = 0.0
    for conversation in people:
        for name in conversation.speakers:
            pairs = find_pairs(conversation, name, definitions, fto_level)
            if len(pairs.first) > 1:
                dx = pairs.first - pairs.first.mean()
                above += float((dx * (pairs.second - pairs.second.mean())).sum())
                below += float((dx * dx).sum())
    return above / below if below else None
