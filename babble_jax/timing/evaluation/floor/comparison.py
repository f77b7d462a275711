"""Compares simulated calls with held-out ones: one table, with ceiling and confidence intervals.

Axes: D calls, B bootstrap draws, H bins of a histogram, N IPUs.

A simulated call matches a held-out one in number and length, after a burn-in; each value is that of one such set,
averaged over several. The ceiling is the error of real calls against other real calls in sets of the same size. All
intervals are over calls: the same resampled calls, real and simulated, for every model.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.progress import Progress
from babble_jax.timing.evaluation.floor.baselines import Baseline, IpuArrays
from babble_jax.timing.evaluation.floor.metrics import (
    BIN,
    DISTRIBUTIONS,
    KINDS,
    MEDIANS,
    STATES,
    ZERO,
    FloorMetrics,
    measure_floor,
)
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.simulator import BURN_IN, FloorSimulator

LAGS = ("lag1", "lag2", "lag1_within_call", "lag2_within_call")

Simulate = Callable[[int, Sequence[float]], list[Conversation]]
"""Draws calls, given a seed and the seconds of each."""


def cut_window(dialogue: IpuArrays, seconds: float, name: str) -> Conversation:
    """Cuts the window after the burn-in out of a dialogue.

    Args:
      dialogue: onset and end ([N] seconds) and speaker ([N] int32) from its beginning.
      seconds: length of the window.
      name: of the conversation.
    """
    onset, end, speaker = dialogue
    inside = (end > BURN_IN) & (onset < BURN_IN + seconds)
    return Conversation(
        id=name,
        corpus="simulated",
        speakers=tuple(str(s) for s in range(int(speaker.max(initial=1)) + 1)),
        speaker=speaker[inside].astype(np.int32),
        onset=np.maximum(onset[inside] - BURN_IN, 0),
        end=np.minimum(end[inside] - BURN_IN, seconds),
        mark=np.full(int(inside.sum()), Mark.SPEECH, np.uint8),
        unit="utterance",
        language=None,
        group=name,
        windows=np.array([[0.0, seconds]]),
    )


def simulate_by_floor(floor: FloorSimulator) -> Simulate:
    """Returns a function that draws calls of the floor, all at once and each cut to its length.

    They are drawn in pairs of calls whose people have opposite effects, so that a set's means are nearer to those of
    the distribution.
    """

    def simulate(seed: int, seconds: Sequence[float]) -> list[Conversation]:
        pairs = range(-(-len(seconds) // 2))
        halves = [
            floor.draw(seed, pairs, max(seconds), floor.card.speakers, opposite) for opposite in (False, True)
        ]
        calls = [call for pair in zip(*halves, strict=True) for call in pair]
        return [
            cut_window((c.onset + BURN_IN, c.end + BURN_IN, c.speaker), s, str(i))
            for i, (c, s) in enumerate(zip(calls, seconds, strict=False))
        ]

    return simulate


def simulate_by_baseline(baseline: Baseline) -> Simulate:
    """Returns a function that draws calls of a baseline, after the same burn-in."""

    def simulate(seed: int, seconds: Sequence[float]) -> list[Conversation]:
        rng = np.random.default_rng(seed)
        return [cut_window(baseline.draw(rng, BURN_IN + s), s, str(i)) for i, s in enumerate(seconds)]

    return simulate


@dataclasses.dataclass(frozen=True, eq=False)
class Values:
    """Holds all rows of the table for one set of calls, under B weightings of its calls.

    Attributes:
      scalar: by row, [B].
      cdf: cumulative histograms by distribution, [B, H].
    """

    scalar: dict[str, np.ndarray]
    cdf: dict[str, np.ndarray]


def weight_metrics(metrics: FloorMetrics, weights: np.ndarray) -> Values:
    """Sums rates, shares, correlations, spreads and cumulative histograms under weights [B, D] of the calls."""
    minutes = weights @ metrics.minutes
    scalar = {}
    for i, kind in enumerate(KINDS):
        scalar[f"per_minute/{kind}"] = weights @ metrics.count[:, i] / minutes
        scalar[f"seconds_per_minute/{kind}"] = weights @ metrics.seconds[:, i] / minutes
    for i, state in enumerate(STATES):
        scalar[f"occupancy/{state}"] = weights @ metrics.state[:, i] / minutes / 60
    cdf = {}
    for name in DISTRIBUTIONS:
        counts = weights @ metrics.histogram[name]
        cdf[name] = np.cumsum(counts, axis=1) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        if name in STATES:
            middle = (np.arange(counts.shape[1]) - ZERO + 0.5) * BIN
            scalar[f"dwell_mean/{name}"] = counts @ middle / np.maximum(counts.sum(axis=1), 1)
    for name in LAGS:
        sums = weights @ metrics.lag_sums(int(name[3]), "within" in name)
        n, x, y, xx, yy, xy = sums.T
        scalar[f"correlation/{name}"] = (xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n))
    for i, kind in enumerate(KINDS):
        scalar[f"spread/per_minute_{kind}"] = _spread(metrics.count[:, i] / metrics.minutes, weights)
    for i, name in enumerate(MEDIANS):
        scalar[f"spread/median_{name}"] = _spread(metrics.median[:, i], weights)
    return Values(scalar, cdf)


def _spread(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns the standard deviation between calls, [B], of one value each, [D]."""
    finite = np.isfinite(values)
    w, x = weights[:, finite], values[finite]
    mean = w @ x / w.sum(axis=1)
    return np.sqrt(np.maximum(w @ (x * x) / w.sum(axis=1) - mean**2, 0))


def row_errors(real: Values, simulated: Values) -> dict[str, np.ndarray]:
    """Returns the error of each row, [B]: an absolute difference, W1 in seconds, or the log ratio of spreads."""
    errors = {}
    for name, value in simulated.scalar.items():
        if name.startswith("spread"):
            errors[name] = np.abs(np.log(np.maximum(value, 1e-9) / np.maximum(real.scalar[name], 1e-9)))
        else:
            errors[name] = np.abs(value - real.scalar[name])
    for name, value in simulated.cdf.items():
        kind = "dwell_w1" if name in STATES else "w1"
        errors[f"{kind}/{name}"] = np.sum(np.abs(value - real.cdf[name]), axis=1) * BIN
    return errors


def compare_floor(
    heldout: Sequence[Conversation],
    everything: Sequence[Conversation],
    models: dict[str, Simulate],
    definitions: Definitions,
    *,
    replicates: int = 3,
    resamples: int = 500,
    halvings: int = 50,
) -> dict[str, Any]:
    """Compares models with held-out calls; returns the table as plain JSON values.

    Args:
      heldout: the real calls.
      everything: all real calls, for the ceiling.
      models: to compare; the first is the floor, the others its baselines.
      definitions: of the events.
      replicates: how many simulated sets of each model.
      resamples: of the bootstrap over calls.
      halvings: for the ceiling: pairs of disjoint sets of real calls, each as large as the held-out one, or half
        of all where that is more than there are.

    Returns:
      `calls`, `hours`; `rows`: by name, the `real` value (None for W1), the `ceiling` error, and of each model
      `value`, `error` and its 95 % `interval`; `best` names the baseline of the least error
      and `behind` is the 95 % interval of the floor's error less that one's.
    """
    rng = np.random.default_rng(0)
    seconds = [c.seconds for c in heldout]
    one = np.ones((1, len(heldout)))
    draws = rng.multinomial(len(heldout), np.full(len(heldout), 1 / len(heldout)), resamples)
    weights = np.concatenate([one, draws]).astype(np.float32)
    real = weight_metrics(measure_floor(heldout, definitions), weights)
    error: dict[str, dict[str, np.ndarray]] = {}
    value: dict[str, dict[str, float]] = {}
    with Progress("compare", len(models) * replicates, "sets") as progress:
        for name, simulate in models.items():
            sets = []
            for seed in range(replicates):
                sets.append(weight_metrics(measure_floor(simulate(seed, seconds), definitions), weights))
                progress.update(1, model=name)
            each = [row_errors(real, s) for s in sets]
            error[name] = {row: np.mean([e[row] for e in each], axis=0) for row in each[0]}
            value[name] = {row: float(np.mean([s.scalar[row][0] for s in sets])) for row in sets[0].scalar}
    ceiling = _ceiling(measure_floor(everything, definitions), len(heldout), halvings)
    main, *others = models
    rows = {}
    for row in error[main]:
        entry: dict[str, Any] = {
            "real": float(real.scalar[row][0]) if row in real.scalar else None,
            "ceiling": ceiling[row],
            "models": {
                name: {
                    "value": value[name].get(row),
                    "error": float(by_row[row][0]),
                    "interval": np.quantile(by_row[row][1:], [0.025, 0.975]).tolist(),
                }
                for name, by_row in error.items()
            },
        }
        if others:
            best = min(others, key=lambda name: float(error[name][row][0]))
            gap = error[main][row] - error[best][row]
            entry |= {"best": best, "behind": np.quantile(gap[1:], [0.025, 0.975]).tolist()}
        rows[row] = entry
    return {"calls": len(heldout), "hours": sum(seconds) / 3600, "rows": rows}


def _ceiling(metrics: FloorMetrics, size: int, halvings: int) -> dict[str, float]:
    """Returns the mean error of each row between two disjoint sets of `size` real calls."""
    calls = len(metrics.minutes)
    size = min(size, calls // 2)
    first, second = np.zeros((halvings, calls), np.float32), np.zeros((halvings, calls), np.float32)
    for i in range(halvings):
        order = np.random.default_rng(i).permutation(calls)
        first[i, order[:size]] = 1
        second[i, order[size : 2 * size]] = 1
    errors = row_errors(weight_metrics(metrics, first), weight_metrics(metrics, second))
    return {row: float(error.mean()) for row, error in errors.items()}


def rows_behind(table: dict[str, Any]) -> list[str]:
    """Returns the rows in which the floor is significantly further off than the best baseline."""
    return [name for name, row in table["rows"].items() if row["behind"][0] > 0]
