"""Simulated calls against the real ones that nothing was fitted on: one table, with its ceiling and its doubts.

Axes: D calls, B bootstrap draws, M models.

A simulated call matches a held-out one in number and length, after a burn-in; each figure is that of one such set,
averaged over several. The ceiling is what real calls reach against other real calls in sets of the same size. All
doubts are over calls: the same resampled calls, real and simulated, for every model.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.progress import Progress
from babble_jax.timing.evaluation.floor.baselines import Baseline, Drawn
from babble_jax.timing.evaluation.floor.metrics import (
    BIN,
    KINDS,
    LAWS,
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
"""From a seed and the seconds of each call to the calls."""


def window(drawn: Drawn, seconds: float, name: str) -> Conversation:
    """What of a drawn dialogue lies in the `seconds` after the burn-in."""
    onset, offset, who = drawn
    kept = (offset > BURN_IN) & (onset < BURN_IN + seconds)
    return Conversation(
        id=name,
        corpus="simulated",
        speakers=tuple(str(s) for s in range(int(who.max(initial=1)) + 1)),
        speaker=who[kept].astype(np.int32),
        onset=np.maximum(onset[kept] - BURN_IN, 0),
        end=np.minimum(offset[kept] - BURN_IN, seconds),
        mark=np.full(int(kept.sum()), Mark.SPEECH, np.uint8),
        unit="utterance",
        language=None,
        group=name,
        windows=np.array([[0.0, seconds]]),
    )


def of_simulator(simulator: FloorSimulator, speakers: int | None = None) -> Simulate:
    """Draws of a simulator, all at once and each cut to its length; in pairs of calls whose people have opposite
    effects, so that a set's means are nearer to those of the law that it is drawn from.
    """
    speakers = speakers or simulator.card.speakers

    def simulate(seed: int, seconds: Sequence[float]) -> list[Conversation]:
        pairs = range(-(-len(seconds) // 2))
        halves = [simulator.draw(seed, pairs, max(seconds), speakers, mirrored) for mirrored in (False, True)]
        drawn = [call for pair in zip(*halves, strict=True) for call in pair]
        return [
            window((c.onset + BURN_IN, c.end + BURN_IN, c.speaker), s, str(i))
            for i, (c, s) in enumerate(zip(drawn, seconds, strict=False))
        ]

    return simulate


def of_baseline(baseline: Baseline) -> Simulate:
    """Draws of a baseline, after the same burn-in."""

    def simulate(seed: int, seconds: Sequence[float]) -> list[Conversation]:
        rng = np.random.default_rng(seed)
        return [window(baseline.draw(rng, BURN_IN + s), s, str(i)) for i, s in enumerate(seconds)]

    return simulate


@dataclasses.dataclass(frozen=True, eq=False)
class Values:
    """All rows of the table for one set of calls under B weightings of its calls; each entry is [B] or [B, H]."""

    scalar: dict[str, np.ndarray]
    law: dict[str, np.ndarray]


def values(found: FloorMetrics, weights: np.ndarray) -> Values:
    """Rates, shares, correlations and spreads, and cumulative histograms, under weights [B, D] of the calls."""
    minutes = weights @ found.minutes
    scalar = {}
    for i, kind in enumerate(KINDS):
        scalar[f"per_minute/{kind}"] = weights @ found.count[:, i] / minutes
        scalar[f"seconds_per_minute/{kind}"] = weights @ found.seconds[:, i] / minutes
    for i, state in enumerate(STATES):
        scalar[f"occupancy/{state}"] = weights @ found.state[:, i] / minutes / 60
    law = {}
    for name in LAWS:
        counts = weights @ found.histogram[name]
        law[name] = np.cumsum(counts, axis=1) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        if name in STATES:
            place = (np.arange(counts.shape[1]) - ZERO + 0.5) * BIN
            scalar[f"dwell_mean/{name}"] = counts @ place / np.maximum(counts.sum(axis=1), 1)
    for name in LAGS:
        sums = weights @ found.lag_sums(int(name[3]), "within" in name)
        n, x, y, xx, yy, xy = sums.T
        scalar[f"correlation/{name}"] = (xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n))
    for i, kind in enumerate(KINDS):
        scalar[f"spread/per_minute_{kind}"] = _spread(found.count[:, i] / found.minutes, weights)
    for i, name in enumerate(MEDIANS):
        scalar[f"spread/median_{name}"] = _spread(found.median[:, i], weights)
    return Values(scalar, law)


def _spread(of_calls: np.ndarray, weights: np.ndarray) -> np.ndarray:
    known = np.isfinite(of_calls)
    w, x = weights[:, known], of_calls[known]
    mean = w @ x / w.sum(axis=1)
    return np.sqrt(np.maximum(w @ (x * x) / w.sum(axis=1) - mean**2, 0))


def errors(real: Values, simulated: Values) -> dict[str, np.ndarray]:
    """How far each row is off, [B]: absolute differences; W1 in seconds; of a spread the logarithm of the ratio."""
    found = {}
    for name, value in simulated.scalar.items():
        if name.startswith("spread"):
            found[name] = np.abs(np.log(np.maximum(value, 1e-9) / np.maximum(real.scalar[name], 1e-9)))
        else:
            found[name] = np.abs(value - real.scalar[name])
    for name, value in simulated.law.items():
        kind = "dwell_w1" if name in STATES else "w1"
        found[f"{kind}/{name}"] = np.sum(np.abs(value - real.law[name]), axis=1) * BIN
    return found


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
    """The table, as plain JSON values.

    Args:
      heldout: the real calls.
      everything: all real calls, for the ceiling.
      models: what to compare; the first is the simulator, the others its baselines.
      definitions: of the events.
      replicates: how many simulated sets of each model.
      resamples: of the bootstrap over calls.
      halvings: for the ceiling: pairs of disjoint sets of real calls, each as large as the held-out one, or half
        of all where that is more than there are.

    Returns:
      `calls`, `hours`; `rows`: by name, the `real` value (None for W1), the `ceiling` error, and of each model
      `value`, `error` and its 95 % `interval`; for the simulator `best` names the baseline of the least error
      and `behind` is the 95 % interval of the simulator's error less that one's.
    """
    rng = np.random.default_rng(0)
    seconds = [c.seconds for c in heldout]
    one = np.ones((1, len(heldout)))
    draws = rng.multinomial(len(heldout), np.full(len(heldout), 1 / len(heldout)), resamples)
    weights = np.concatenate([one, draws]).astype(np.float32)
    real = values(measure_floor(heldout, definitions), weights)
    error: dict[str, dict[str, np.ndarray]] = {}
    value: dict[str, dict[str, float]] = {}
    with Progress("compare", len(models) * replicates, "sets") as progress:
        for name, simulate in models.items():
            sets = []
            for seed in range(replicates):
                sets.append(values(measure_floor(simulate(seed, seconds), definitions), weights))
                progress.update(1, model=name)
            each = [errors(real, s) for s in sets]
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
                    "error": float(found[row][0]),
                    "interval": np.quantile(found[row][1:], [0.025, 0.975]).tolist(),
                }
                for name, found in error.items()
            },
        }
        if others:
            best = min(others, key=lambda name: float(error[name][row][0]))
            gap = error[main][row] - error[best][row]
            entry |= {"best": best, "behind": np.quantile(gap[1:], [0.025, 0.975]).tolist()}
        rows[row] = entry
    return {"calls": len(heldout), "hours": sum(seconds) / 3600, "rows": rows}


def _ceiling(found: FloorMetrics, size: int, halvings: int) -> dict[str, float]:
    calls = len(found.minutes)
    size = min(size, calls // 2)
    first, second = np.zeros((halvings, calls), np.float32), np.zeros((halvings, calls), np.float32)
    for i in range(halvings):
        order = np.random.default_rng(i).permutation(calls)
        first[i, order[:size]] = 1
        second[i, order[size : 2 * size]] = 1
    return {row: float(e.mean()) for row, e in errors(values(found, first), values(found, second)).items()}


def lost(table: dict[str, Any]) -> list[str]:
    """Rows in which the simulator is significantly further off than the best baseline."""
    return [name for name, row in table["rows"].items() if row["behind"][0] > 0]
