"""Scores backchannels as Ruede et al. do: F1 with three margins, within stretches in which one person talks.

Axes: N stretches, P predictions, C true onsets. Frames are those of a window.

A stretch lasts `SHORTEST` seconds at least; in it one person talks, and the other is silent or gives backchannels.
The agent is
in the seat of the other, and its history there holds no own backchannels: neither the recorded ones, which would tell
  where they are, nor its own. A prediction is right if it lies within a margin of a true onset; one prediction counts
  for each.

Different from the original: true backchannels are those of the definitions, by times, where theirs are by words.

References: Ruede et al., Interspeech 2017 (arXiv 1706.01340).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls
from babble_jax.timing.evaluation.turn_taking.scores import interval, resample_weights
from babble_jax.timing.events import Definitions, backchannels, ipus
from babble_jax.timing.floor.state import FRAME

SHORTEST = 5.0
"""Seconds of the shortest stretch."""
MARGINS = ((0.0, 1.0), (-0.1, 0.5), (-0.2, 0.2))
"""Seconds, from a true onset, within which a prediction is right."""
REFRACTORY = 1.5
"""Seconds between two predictions: a backchannel of usual length and the silence that makes it one."""
THRESHOLDS = 40


@dataclasses.dataclass(frozen=True, eq=False)
class Stretches:
    """Holds stretches of one person's talk, [N] each.

    Attributes:
      window: number of the window.
      seat: of the agent, who listens.
      begin: first frame.
      end: first frame after it.
      onsets: of the listener's backchannels within each, in frames of the window.
    """

    window: np.ndarray
    seat: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    onsets: list[np.ndarray]

    def __len__(self) -> int:
        return len(self.window)


def find_stretches(
    conversations: Sequence[Conversation], calls: FramedCalls, definitions: Definitions
) -> Stretches:
    """Finds the stretches of all calls.

    Args:
      conversations: of two speakers each.
      calls: the same in frames.
      definitions: of the events.
    """
    rows, onsets = [], []
    for w in range(len(calls)):
        conversation, begin = conversations[calls.call[w]], calls.begin[w]
        window = int(np.argmin(np.abs(conversation.windows[:, 0] - begin)))
        units = ipus(conversation, definitions)
        units = units.take(units.window == window)
        short = backchannels(units, definitions)
        onset, end = (np.floor((t - begin + 1e-9) / FRAME).astype(int) for t in (units.onset, units.end))
        for talker in (0, 1):
            own, other = (units.speaker == talker) & ~short, (units.speaker != talker) & ~short
            edges = [0, *np.stack([onset[other], end[other]], axis=1).ravel().tolist(), int(calls.frames[w])]
            for a, b in zip(edges[::2], edges[1::2], strict=True):
                inside = own & (onset >= a) & (end <= b)
                if not inside.any():
                    continue
                first, last = int(onset[inside].min()), int(end[inside].max())
                if last - first >= round(SHORTEST / FRAME):
                    true = onset[(units.speaker != talker) & short & (onset >= first) & (onset < last)]
                    rows.append((w, 1 - talker, first, last))
                    onsets.append(np.sort(true))
    columns = np.array(rows, int).reshape(-1, 4).T
    return Stretches(columns[0], columns[1], columns[2], columns[3], onsets)


def without_backchannels(calls: FramedCalls) -> FramedCalls:
    """Returns the calls without the toggles of backchannels in the speakers' own pasts; what the other hears stays."""
    codes = calls.codes.copy()
    for w in range(len(calls)):
        for s in (0, 1):
            at = np.flatnonzero(codes[w, :, s] == 2)
            edges = np.flatnonzero(codes[w, :, s])
            following = np.searchsorted(edges, at) + 1
            codes[w, edges[following[following < len(edges)]], s] = 0
            codes[w, at, s] = 0
    return dataclasses.replace(calls, codes=codes)


def count_matches(predictions: np.ndarray, onsets: np.ndarray, margin: tuple[float, float]) -> int:
    """Counts the true onsets that have a prediction of their own within a margin.

    Args:
      predictions: [P] frames, rising.
      onsets: [C] frames, rising.
      margin: seconds from a true onset.
    """
    low, high = (round(m / FRAME) for m in margin)
    matches, p = 0, 0
    for onset in onsets:
        while p < len(predictions) and predictions[p] < onset + low:
            p += 1
        if p < len(predictions) and predictions[p] <= onset + high:
            matches, p = matches + 1, p + 1
    return matches


def peaks(hazard: np.ndarray, threshold: float) -> np.ndarray:
    """Returns the frames in which a hazard, [T], is greatest wherever it is at or above a threshold.

    At least `REFRACTORY` lies between two.

    Args:
      hazard: [T].
      threshold: of it.
    """
    above = np.concatenate([[False], hazard >= threshold, [False]])
    edges = np.flatnonzero(np.diff(above.astype(np.int8)))
    result, last = [], -np.inf
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        at = int(a + np.argmax(hazard[a:b]))
        if at - last >= REFRACTORY / FRAME:
            result.append(at)
            last = at
    return np.array(result, int)


def draw(hazard: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws the frames of events of a hazard, [T], with at least `REFRACTORY` between two.

    Args:
      hazard: [T] per frame.
      rng: of the draws.
    """
    candidates = np.flatnonzero(rng.random(len(hazard)) < -np.expm1(-hazard.astype(np.float64)))
    result, last = [], -np.inf
    for at in candidates:
        if at - last >= REFRACTORY / FRAME:
            result.append(int(at))
            last = at
    return np.array(result, int)


def score_backchannels(
    predictions: Sequence[np.ndarray], stretches: Stretches, call: np.ndarray
) -> dict[str, Any]:
    """Pools precision, recall and F1 at each margin, with the 95 % interval of F1 over calls.

    Args:
      predictions: of each stretch, in frames of the window.
      stretches: N of them.
      call: [N] the call of each.
    """
    number = np.array([len(p) for p in predictions], float)
    true = np.array([len(t) for t in stretches.onsets], float)
    weights = resample_weights(call)
    minutes = float(np.sum(stretches.end - stretches.begin) * FRAME / 60)
    margins = []
    for margin in MARGINS:
        right = np.array(
            [count_matches(p, t, margin) for p, t in zip(predictions, stretches.onsets, strict=True)], float
        )
        draws = 2 * (weights @ right) / np.maximum(weights @ (number + true), 1)
        margins.append(
            {
                "from": margin[0],
                "to": margin[1],
                "precision": float(right.sum() / max(number.sum(), 1)),
                "recall": float(right.sum() / max(true.sum(), 1)),
                "f1": float(2 * right.sum() / max(number.sum() + true.sum(), 1)),
                "f1_interval": interval(draws),
            }
        )
    return {
        "stretches": len(stretches),
        "minutes": minutes,
        "true": int(true.sum()),
        "predicted_per_minute": float(number.sum() / minutes) if minutes else None,
        "true_per_minute": float(true.sum() / minutes) if minutes else None,
        "margins": margins,
    }


def choose_threshold(
    hazards: Sequence[np.ndarray], stretches: Stretches, margin: tuple[float, float]
) -> float:
    """Returns the threshold of greatest F1 at a margin.

    Args:
      hazards: of each stretch, [T] per frame.
      stretches: N of them.
      margin: seconds.
    """
    if not hazards:
        return 1.0
    everything = np.concatenate(hazards)
    best, threshold = -1.0, float(everything.max())
    for value in np.unique(np.quantile(everything, np.linspace(0.3, 0.999, THRESHOLDS))):
        right = number = true = 0
        for hazard, begin, onsets in zip(hazards, stretches.begin, stretches.onsets, strict=True):
            at = peaks(hazard, float(value)) + begin
            right += count_matches(at, onsets, margin)
            number, true = number + len(at), true + len(onsets)
        f1 = 2 * right / max(number + true, 1)
        if f1 > best:
            best, threshold = f1, float(value)
    return threshold


def divergence(predictions: Sequence[np.ndarray], stretches: Stretches, width: int = 20) -> float:
    """Returns Full-Duplex-Bench's mean distance of the places of backchannels from the recorded ones.

    It is the square root of the Jensen-Shannon divergence in nats (at most .833) of the shares per bin within each
    stretch that has recorded backchannels; 1 where none is predicted.

    Args:
      predictions: of each stretch, in frames of the window.
      stretches: N of them.
      width: of a bin, frames.
    """
    distances = []
    for at, begin, end, onsets in zip(
        predictions, stretches.begin, stretches.end, stretches.onsets, strict=True
    ):
        if not len(onsets):
            continue
        if not len(at):
            distances.append(1.0)
            continue
        bins = (end - begin) // width + 1
        p = np.bincount((at - begin) // width, minlength=bins) / len(at)
        q = np.bincount((onsets - begin) // width, minlength=bins) / len(onsets)
        middle = (p + q) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            nats = [np.where(x > 0, x * np.log(x / middle), 0).sum() for x in (p, q)]
        distances.append(float(np.sqrt(max(sum(nats) / 2, 0))))
    return float(np.mean(distances)) if distances else float("nan")
