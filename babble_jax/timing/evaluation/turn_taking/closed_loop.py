"""Measures dialogues of an agent and a partner beside dialogues of two simulated seats.

Axes: D dialogues, B bootstrap draws, N offsets, G points of a grid of times. Times are seconds.

Speaker 0 is the agent, speaker 1 the partner. The reference is the simulator's own seat, with the same seeds; how
much two sets of it differ by their seeds alone stands beside.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.speaker.events import cut_ins
from babble_jax.timing.evaluation.turn_taking.scores import RESAMPLES, interval
from babble_jax.timing.events import Definitions, Kind, backchannels, floor_transfers, ipus, transitions

ROLES = ("agent", "partner")
GRID = np.round(np.arange(-5.0, 10.005, 0.01), 2)
"""[G] seconds at which distribution functions of offsets are compared."""
COUNTS = ("ipus", "backchannels", "pauses", "pauses_cut")
"""Counts per dialogue and role; pauses are the role's own, with those into which the other cuts."""


@dataclasses.dataclass(frozen=True, eq=False)
class LoopEvents:
    """Holds the events of D dialogues.

    Attributes:
      minutes: [D].
      counts: [D, 2, 4] of each role, of `COUNTS`.
      fto: for each role the offsets of its turns at level "ipu", seconds, dialogue by dialogue.
      histogram: [D, 2, G + 1] offsets of each role between the points of `GRID`.
    """

    minutes: np.ndarray
    counts: np.ndarray
    fto: tuple[list[np.ndarray], list[np.ndarray]]
    histogram: np.ndarray


def collect_events(dialogues: Sequence[Conversation], definitions: Definitions) -> LoopEvents:
    """Collects the events of dialogues of two.

    Args:
      dialogues: D of them; speaker 0 is the agent.
      definitions: of the events.
    """
    counts = np.zeros((len(dialogues), 2, len(COUNTS)))
    fto: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for d, dialogue in enumerate(dialogues):
        units = ipus(dialogue, definitions)
        short, transfers = backchannels(units, definitions), floor_transfers(units, "ipu", definitions)
        changes, cuts = transitions(units), cut_ins(units, definitions)
        pauses = changes.kind == Kind.PAUSE
        for s in (0, 1):
            cut = np.count_nonzero(units.speaker[cuts[:, 0]] == s)
            own = np.count_nonzero(pauses & (changes.before == s)) + cut
            mine = units.speaker == s
            counts[d, s] = np.count_nonzero(mine), np.count_nonzero(mine & short), own, cut
            fto[s].append(transfers.fto[transfers.defined & (transfers.speaker == s)])
    histogram = np.array(
        [
            [np.bincount(np.searchsorted(GRID, x), minlength=len(GRID) + 1) for x in row]
            for row in zip(*fto, strict=True)
        ]
    ).reshape(len(dialogues), 2, -1)
    return LoopEvents(np.array([c.seconds for c in dialogues]) / 60, counts, fto, histogram)


def measure_loop(events: LoopEvents, reference: LoopEvents, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Measures dialogues beside a reference, with 95 % intervals over dialogues.

    Args:
      events: of the agent and its partner.
      reference: of two simulated seats, dialogue by dialogue with the same seeds where there are as many.
      resamples: of the bootstrap.

    Returns:
      For `agent` and `partner`: `offsets` (their number); `median`, `below_0`, `below_200ms`, `above_1s`; `w1`, the
      Wasserstein-1 distance to the reference's offsets, in seconds; per minute `ipus` and `backchannels`;
      `pauses_cut`, the share of this role's pauses that the other cuts into; each with an interval, and `reference`
      with the same values of the reference.
    """
    rng = np.random.default_rng(0)
    number, other = len(events.minutes), len(reference.minutes)
    draws = _weights(rng, number, resamples)
    paired = draws if other == number else _weights(rng, other, resamples)
    result: dict[str, Any] = {"dialogues": number}
    for s, role in enumerate(ROLES):
        mine, theirs = _values(events, s, draws), _values(reference, s, paired)
        w1 = np.sum(np.abs(mine.pop("cdf") - theirs.pop("cdf")), axis=1) * (GRID[1] - GRID[0])
        entry: dict[str, Any] = {"offsets": int(events.histogram[:, s].sum())}
        for name, value in (mine | {"w1": w1}).items():
            entry[name] = float(value[0])
            entry[f"{name}_interval"] = interval(value[1:])
        entry["reference"] = {name: float(value[0]) for name, value in theirs.items()}
        result[role] = entry
    return result


def _weights(rng: np.random.Generator, number: int, resamples: int) -> np.ndarray:
    draws = rng.multinomial(number, np.full(number, 1 / number), resamples)
    return np.concatenate([np.ones((1, number)), draws])


def _values(events: LoopEvents, role: int, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Returns all values under each weighting of the dialogues, [B], and the distribution functions, [B, G]."""
    histogram = weights @ events.histogram[:, role]
    total = np.maximum(histogram.sum(axis=1, keepdims=True), 1)
    cdf = np.cumsum(histogram, axis=1)[:, :-1] / total
    counts, minutes = weights @ events.counts[:, role], weights @ events.minutes
    middle = np.argmax(cdf >= 0.5, axis=1)

    def share_below(seconds: float) -> np.ndarray:
        return cdf[:, np.searchsorted(GRID, seconds - 1e-6) - 1]

    return {
        "median": GRID[middle] - 0.005,
        "below_0": share_below(0.0),
        "below_200ms": share_below(0.2),
        "above_1s": 1 - cdf[:, np.searchsorted(GRID, 1.0 - 1e-6)],
        "ipus_per_minute": counts[:, 0] / minutes,
        "backchannels_per_minute": counts[:, 1] / minutes,
        "pauses_per_minute": counts[:, 2] / minutes,
        "pauses_cut": counts[:, 3] / np.maximum(counts[:, 2], 1),
        "cdf": cdf,
    }
