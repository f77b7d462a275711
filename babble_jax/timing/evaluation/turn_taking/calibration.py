"""Checks the hazards themselves: whether events are as frequent as predicted, and whether their times are right.

Axes: W windows, S seats, T frames, M events of one kind, B bins.

Time rescaling: the compensator of an event is the hazard summed since the event of its kind before it; if the hazard
  is right, compensators are distributed as Exp(1). In frames they are randomised within the frame of the event, which
  makes that exact. The windows are read one after the other as one process, so that no stretch is censored.

References: Brown et al., Neural Computation 14 (2002), time rescaling; Haslinger, Pipa & Brown, Neural Computation 22
  (2010), in discrete time, randomised.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.timing.evaluation.turn_taking.scores import RESAMPLES, interval
from babble_jax.timing.evaluation.turn_taking.traces import Trace

KINDS = ("begin_turn", "begin_backchannel", "end")
"""Kinds of events."""
BINS = 10
"""Bins of the predicted hazard: tenths of the events that are expected."""
_QUANTILES = np.arange(0.05, 1.0, 0.05)


def event_probabilities(hazard: np.ndarray, at_risk: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Returns the probability of each of `KINDS` in each frame, [..., 3] float64.

    Args:
      hazard: [..., 2] per frame.
      at_risk: [...] bool.
      on: [...] bool, whether the own IPU runs.
    """
    value = hazard.astype(np.float64)
    total = value.sum(axis=-1)
    share = -np.expm1(-total)[..., None] * value / np.maximum(total, 1e-300)[..., None] * at_risk[..., None]
    return np.stack([share[..., 0] * ~on, share[..., 1] * ~on, share.sum(axis=-1) * on], axis=-1)


def event_kinds(codes: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Tells in which frames an event of each of `KINDS` takes place, [..., 3] bool.

    Args:
      codes: [...] 0, 1 or 2, see `frames.FramedCalls`.
      on: [...] bool, whether the own IPU runs.
    """
    return np.stack([(codes == 1) & ~on, (codes == 2) & ~on, (codes > 0) & on], axis=-1)


def rescale(probability: np.ndarray, event: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns the compensators of the events of one kind, [M], the first one being counted from the beginning.

    Args:
      probability: [T] of an event in each frame.
      event: [T] bool; one in a frame of probability 0 is passed over.
      rng: places the events within their frames.
    """
    at = np.flatnonzero(event & (probability > 0))
    steps = -np.log1p(-np.minimum(probability, 1 - 1e-12))
    sums = np.concatenate([[0.0], np.cumsum(steps)])
    within = -np.log1p(-rng.random(len(at)) * np.minimum(probability[at], 1 - 1e-12))
    # What is left of the frame of an event belongs to nobody: the next compensator begins in the frame after it.
    begin = np.concatenate([[0.0], sums[at[:-1] + 1]]) if len(at) else np.zeros(0)
    return sums[at] - begin + within


def kolmogorov_smirnov(compensators: np.ndarray) -> float:
    """Returns the largest distance of the distribution function from that of Exp(1); NaN without any."""
    if not len(compensators):
        return float("nan")
    u = np.sort(-np.expm1(-compensators))
    n = len(u)
    return float(max(np.max(np.arange(1, n + 1) / n - u), np.max(u - np.arange(n) / n)))


@dataclasses.dataclass(eq=False)
class Calibration:
    """Collects predicted probabilities and events, trace by trace.

    Attributes:
      seed: of the places of events within their frames.
    """

    seed: int = 0

    def __post_init__(self):
        self._rng = np.random.default_rng(self.seed)
        self._compensators: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
        self._calls: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
        self._edges = np.logspace(-6, 0, 241)
        self._expected = np.zeros((3, len(self._edges) + 1))
        self._observed = np.zeros_like(self._expected)
        self._frames = np.zeros_like(self._expected)
        self._seconds = 0.0
        self._nats = 0.0
        self._impossible = 0

    def add(self, trace: Trace, codes: np.ndarray, call: np.ndarray) -> None:
        """Adds the windows of a trace.

        Args:
          trace: of W windows.
          codes: [W, T, 2] what the speakers did, see `frames.FramedCalls`.
          call: [W] the call of each window.
        """
        for w in range(len(trace.rows)):
            length = int(trace.observed[w].sum())
            self._seconds += length * 0.01
            for s in (0, 1):
                on, code = trace.on[w, s, :length], codes[w, :length, s]
                probability = event_probabilities(
                    trace.hazard[w, s, :length], trace.at_risk[w, s, :length], on
                )
                event = event_kinds(code, on)
                self._impossible += int((event & (probability <= 0)).any(axis=1).sum())
                self._nats += float(
                    np.log(probability[event & (probability > 0)]).sum()
                    + np.log1p(-np.minimum(probability.sum(axis=1)[code == 0], 1 - 1e-12)).sum()
                )
                for k, kind in enumerate(KINDS):
                    p, e = probability[:, k], event[:, k]
                    bins = np.searchsorted(self._edges, p[p > 0])
                    self._expected[k] += np.bincount(bins, p[p > 0], self._expected.shape[1])
                    self._observed[k] += np.bincount(bins, e[p > 0], self._expected.shape[1])
                    self._frames[k] += np.bincount(bins, minlength=self._expected.shape[1])
                    self._compensators[kind].append(open_ended(p, e, self._rng))
                    self._calls[kind].append(np.full(len(self._compensators[kind][-1]), call[w]))

    def summary(self) -> dict[str, Any]:
        """Returns nats per second, reliability and rescaling of each kind of events, as JSON values."""
        kinds = {}
        for k, kind in enumerate(KINDS):
            pieces = self._compensators[kind]
            values, calls = join_compensators(pieces, self._calls[kind])
            kinds[kind] = {
                "expected": float(self._expected[k].sum()),
                "observed": int(self._observed[k].sum()),
                "reliability": self._reliability(k),
                **summarize_rescaling(values, calls),
            }
        return {
            "nats_per_second": self._nats / self._seconds if self._seconds else None,
            "impossible": self._impossible,
            "kinds": kinds,
        }

    def _reliability(self, kind: int) -> list[dict[str, float]]:
        """Returns predicted and observed events per frame by tenths of the expected events."""
        expected = self._expected[kind]
        share = np.cumsum(expected) / max(expected.sum(), 1e-300)
        number = np.minimum((share * BINS - 1e-9).astype(int), BINS - 1)
        rows = []
        for b in range(BINS):
            inside = (number == b) & (self._frames[kind] > 0)
            frames = self._frames[kind][inside].sum()
            if frames:
                observed = self._observed[kind][inside].sum()
                rows.append(
                    {
                        "predicted": float(expected[inside].sum() / frames),
                        "observed": float(observed / frames),
                        "events": int(observed),
                        "frames": int(frames),
                    }
                )
        return rows


def open_ended(probability: np.ndarray, event: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Computes the compensators of the events, and last that of what follows the last event.

    Args:
      probability: [T] of an event in each frame.
      event: [T] bool.
      rng: draws where within its frame an event lies.
    """
    at = np.flatnonzero(event & (probability > 0))
    rest = -np.log1p(-np.minimum(probability[at[-1] + 1 if len(at) else 0 :], 1 - 1e-12)).sum()
    return np.append(rescale(probability, event, rng), rest)


def join_compensators(
    pieces: Sequence[np.ndarray], calls: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Joins the compensators of several windows to those of one process; [M] and the call of each, [M].

    Args:
      pieces: of each window, the last value of each being what follows its last event.
      calls: the call of each value.
    """
    values, numbers, rest = [np.zeros(0)], [np.zeros(0, int)], 0.0
    for piece, number in zip(pieces, calls, strict=True):
        if len(piece) == 1:
            rest += float(piece[0])
            continue
        head = piece[:-1].copy()
        head[0] += rest
        values.append(head)
        numbers.append(number[:-1])
        rest = float(piece[-1])
    return np.concatenate(values), np.concatenate(numbers)


def summarize_rescaling(compensators: np.ndarray, call: np.ndarray) -> dict[str, Any]:
    """Returns the KS distance to Exp(1) with its interval over calls, and quantiles beside those of Exp(1).

    Args:
      compensators: [M].
      call: [M] the call of each.
    """
    if not len(compensators):
        return {"events": 0, "ks": None, "ks_interval": None, "mean": None, "quantiles": []}
    unique, index = np.unique(call, return_inverse=True)
    order = np.argsort(compensators)
    u = -np.expm1(-compensators[order])
    draws = np.random.default_rng(0).multinomial(
        len(unique), np.full(len(unique), 1 / len(unique)), RESAMPLES
    )
    distances = []
    for draw in draws:
        cumulative = np.cumsum(draw[index[order]])
        distances.append(np.max(np.abs(cumulative / cumulative[-1] - u)))
    return {
        "events": len(compensators),
        "ks": kolmogorov_smirnov(compensators),
        "ks_interval": interval(np.array(distances)),
        "mean": float(compensators.mean()),
        "quantiles": [
            [float(-np.log1p(-q)), float(v)]
            for q, v in zip(_QUANTILES, np.quantile(compensators, _QUANTILES), strict=True)
        ],
    }
