"""Fits policies in closed loop: what comes out of a seat that knows the other late is to be as at no delay.

Axes: D dialogues, P numbers of a policy, R residuals, C points of a distribution function. Times are seconds.

The residuals are differences between dialogues of a seat by the policy and dialogues of the simulator's own seats, with
the same random numbers, each in units of what is tolerated: of distribution functions of offsets and of durations of
IPUs, of rates and times of events, of both seats. Their squares are minimised by the method of Levenberg and Marquardt
with a normal prior around a policy by hand; derivatives are differences between runs, corrected after each step as
Broyden does, so that one set of them serves several delays.

References: Marquardt, J. SIAM 11 (1963); Broyden, Math. Comput. 19 (1965).
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.stats

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.effects import GROUPS
from babble_jax.timing.floor.policy import BY_HAND, NEUTRAL, Policy, PolicyCurve
from babble_jax.timing.floor.seat_loop import draw_seat
from babble_jax.timing.floor.seat_metrics import RATES, SeatMetrics, measure_seats
from babble_jax.timing.floor.simulator import FloorSimulator

DELAYS = (0.0, 0.04, 0.08, 0.12, 0.16, 0.24, 0.32, 0.4, 0.5)
"""Seconds for which policies are fitted."""
FRESH = (0.08, 0.24)
"""Of them, those at which derivatives are taken anew."""
SINGLE = tuple(field.name for field in dataclasses.fields(Policy))[:-1]
_LOGARITHMIC = np.array([name.endswith("pace") or name.startswith("pace") for name in SINGLE])
_SPREAD = np.array([0.5, 0.5, 0.7, 0.7, 2.0, 2.0, 0.5, 0.5, 0.7, 4.0, 1.5, 1.5, 0.5, *([0.5] * len(GROUPS))])
"""[P] standard deviation of the prior."""
_STEP = np.array([0.3, 0.3, 0.5, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 2.0, 0.7, 0.7, 0.5, *([0.2] * len(GROUPS))])
"""[P] by which a number is changed for a derivative."""
_LOW = np.array([0, 0, -0.6, -0.6, 0, 0, 0, 0, -0.6, 0, -2, -2, 0, *([-2.5] * len(GROUPS))])
_HIGH = np.array([2, 2, 3.5, 3.5, 10, 10, 2, 2, 3.5, 20, 6, 6, 1, *([2.5] * len(GROUPS))])

_TOGETHER = (
    ("resume_early", "resume_late"),
    ("take_first", "take_at_once"),
    ("take_soon", "take_early"),
    ("take_late",),
    ("return_first", "return_at_once"),
    ("return_soon", "return_late"),
    ("interrupt_early",),
    ("interrupt_late",),
    ("backchannel_first", "backchannel_at_once"),
    ("backchannel_soon", "backchannel_late"),
    ("backchannel_in_speech",),
    ("end_turn_early",),
    ("end_turn_late", "end_turn_last"),
    ("end_backchannel",),
    ("yield_early", "yield_late"),
    ("withdraw_early",),
    ("withdraw_late",),
)
"""Groups of hazards that share a factor."""
_BASIS = np.concatenate(
    [
        np.eye(len(SINGLE), len(_SPREAD)),
        [[0.0] * len(SINGLE) + [float(group in names) for group in GROUPS] for names in _TOGETHER],
    ]
).T
"""[P, B] directions along which a policy is fitted."""
DERIVATIVE_DIALOGUES = 160
_SHRINKAGE = 0.3
"""Weight of the identity in the correlations of the features of dialogues."""
RUNS = 1 + (1 + len(FRESH)) * (1 + _BASIS.shape[1]) + 5 * len(DELAYS)
"""Runs of `fit_curve` with three steps: the reference, the derivatives, and five for each delay."""

_FTO = np.round(np.concatenate([np.arange(-3, -1.5, 0.25), np.arange(-1.5, 2.001, 0.05), [2.5, 3.0, 4.0]]), 3)
_IPU = np.array([0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 4.0])
_TOLERATED = {
    "ipu": 0.02,
    "backchannel": 0.04,
    "fto": 0.02,
    "pause": 0.04,
    "gap": 0.04,
    "overlap_between": 0.04,
}


@dataclasses.dataclass(frozen=True)
class ClosedLoop:
    """Says which dialogues a policy is judged by.

    Attributes:
      simulator: of both seats.
      seed: of the dialogues.
      dialogues: D.
      seconds: of each.
      features: computes values of each dialogue [D, F] whose means are to be alike, say those by which a classifier
        would tell the dialogues apart; None for none.
    """

    simulator: FloorSimulator
    seed: int = 1
    dialogues: int = 256
    seconds: float = 300.0
    features: Callable[[Sequence[Conversation], Definitions], np.ndarray] | None = None

    def measure(self, policy: Policy, delay: float, knows_kinds: bool = False) -> SeatMetrics:
        """Plays and measures the dialogues.

        Args:
          policy: of seat 0.
          delay: seconds.
          knows_kinds: see `seat_loop.draw_seat`.
        """
        conversations = draw_seat(
            self.simulator,
            policy,
            delay,
            self.seed,
            range(self.dialogues),
            self.seconds,
            knows_kinds=knows_kinds,
        )
        return measure_seats(conversations, self.simulator.definitions, self.features)

    def reference(self) -> SeatMetrics:
        """Measures the dialogues of the simulator's own seats."""
        return self.measure(NEUTRAL, 0.0, knows_kinds=True)


def residuals(metrics: SeatMetrics, reference: SeatMetrics) -> np.ndarray:
    """Returns the differences to a reference in units of what is tolerated, [R].

    Args:
      metrics: of a policy.
      reference: of the simulator's own seats.
    """
    parts = []
    rates = [m.rates() for m in (metrics, reference)]
    seconds = [m.seconds.sum(axis=0) / m.minutes.sum() for m in (metrics, reference)]
    for seat, slack in ((0, 1.0), (1, 1.5)):
        functions = [_distribution(m.pooled_fto(seat), _FTO) for m in (metrics, reference)]
        parts.append((functions[0] - functions[1]) / (0.01 * slack**2))
        parts.append((functions[0] - functions[1])[_FTO == 0] / (0.007 * slack))
        lengths = [
            _distribution(np.concatenate([one[seat] for one in m.ipu]), _IPU) for m in (metrics, reference)
        ]
        parts.append((lengths[0] - lengths[1]) / (0.015 * slack))
        tolerated = np.array([*_TOLERATED.values(), 0.08])
        parts.append(_log_ratio(rates[0][seat], rates[1][seat]) / (tolerated * slack))
        parts.append(_log_ratio(seconds[0][seat], seconds[1][seat]) / (0.08 * slack))
    if metrics.features.size:
        change = np.nanmean(metrics.features, axis=0) - np.nanmean(reference.features, axis=0)
        parts.append(_whiten(change, reference.features) / 0.1)
    return np.concatenate(parts)


def _whiten(change: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Returns a change of means [F] in uncorrelated units, by the shrunken correlations of features [D, F]."""
    deviation = np.nanstd(features, axis=0)
    standard = np.nan_to_num((features - np.nanmean(features, axis=0)) / deviation)
    correlation = (1 - _SHRINKAGE) * np.cov(standard.T, bias=True) + _SHRINKAGE * np.eye(len(deviation))
    values, vectors = np.linalg.eigh(correlation)
    return (vectors / np.sqrt(np.maximum(values, 1e-9))) @ vectors.T @ (change / deviation)


def _distribution(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(values), points, side="left") / max(len(values), 1)


def _log_ratio(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(values, 1e-3) / np.maximum(reference, 1e-3))


def _to_vector(policy: Policy) -> np.ndarray:
    values = policy.to_array()
    values[: len(SINGLE)] = np.where(
        _LOGARITHMIC, np.log(np.maximum(values[: len(SINGLE)], 1e-3)), values[: len(SINGLE)]
    )
    return values


def _to_policy(vector: np.ndarray) -> Policy:
    values = np.clip(vector, _LOW, _HIGH)
    values[: len(SINGLE)] = np.where(_LOGARITHMIC, np.exp(values[: len(SINGLE)]), values[: len(SINGLE)])
    return Policy.from_array(np.round(values, 4))


def fit_policy(
    loop: ClosedLoop,
    delay: float,
    initial: Policy,
    reference: SeatMetrics,
    nearby: np.ndarray | None = None,
    *,
    steps: int = 4,
    on_run: Callable[[], object] = lambda: None,
) -> tuple[Policy, np.ndarray, float]:
    """Fits the policy of one delay.

    Args:
      loop: dialogues by which it is judged.
      delay: seconds.
      initial: policy to begin from.
      reference: what `loop.reference` returns.
      nearby: derivatives [R, B] of the residuals, of this delay or one near it; None takes them anew.
      steps: of the method, each one to three runs.
      on_run: called after each run.

    Returns:
      The policy, the derivatives near it, and the sum of squares with the prior's.
    """

    def run(vector: np.ndarray) -> np.ndarray:
        values = residuals(loop.measure(_to_policy(vector), delay), reference)
        on_run()
        return values

    center, precision = np.clip(_to_vector(BY_HAND), _LOW, _HIGH), 1 / _SPREAD**2

    def total(vector: np.ndarray, values: np.ndarray) -> float:
        return float(values @ values + precision @ (vector - center) ** 2)

    at = np.clip(_to_vector(initial), _LOW, _HIGH)
    values = run(at)
    derivatives = _differentiate(loop, delay, at, reference, on_run) if nearby is None else nearby
    damping = 0.3
    for _ in range(steps):
        curvature = derivatives.T @ derivatives + _BASIS.T @ np.diag(precision) @ _BASIS
        slope = derivatives.T @ values + _BASIS.T @ (precision * (at - center))
        curvature = curvature + damping * np.diag(np.diagonal(curvature))
        step = np.clip(-_BASIS @ np.linalg.solve(curvature, slope), -0.6 * _SPREAD, 0.6 * _SPREAD)
        there = np.clip(at + step, _LOW, _HIGH)
        step = there - at
        new = run(there)
        along = (_BASIS / _BASIS.sum(axis=0)).T @ (step / _SPREAD)  # [B], in standard deviations
        width = (_BASIS / _BASIS.sum(axis=0)).T @ _SPREAD
        rest = new - values - derivatives @ (along * width)
        derivatives = derivatives + np.outer(rest, along / width) / max(along @ along, 1e-9)
        if total(there, new) < total(at, values):
            at, values, damping = there, new, damping / 3
        else:
            damping *= 4
    return _to_policy(at), derivatives, total(at, values)


def _differentiate(
    loop: ClosedLoop, delay: float, at: np.ndarray, reference: SeatMetrics, on_run: Callable[[], object]
) -> np.ndarray:
    """Returns derivatives of the residuals along the directions of `_BASIS`, [R, B]."""
    few = dataclasses.replace(loop, dialogues=min(loop.dialogues, DERIVATIVE_DIALOGUES))

    def run(vector: np.ndarray) -> np.ndarray:
        values = residuals(few.measure(_to_policy(vector), delay), reference)
        on_run()
        return values

    columns, middle = [], run(at)
    for direction in _BASIS.T:
        size = float(np.max(_STEP * direction))
        size = -size if np.any((at + size * direction > _HIGH) & (direction > 0)) else size
        columns.append((run(at + size * direction) - middle) / size)
    return np.stack(columns, axis=1)


@dataclasses.dataclass(frozen=True)
class FittedCurve:
    """Holds policies of some delays and what came out.

    Attributes:
      curve: the policies.
      rows: for each delay JSON values: `delay` in seconds; of seat 0 the offsets' number, `w1` in seconds (the
        Wasserstein-1 distance to those without a delay), `below_zero`, `median` and the same of the reference; and
        `rates`, by seat, the ratio of each of `seat_metrics.RATES` to that of the reference.
    """

    curve: PolicyCurve
    rows: list[dict[str, Any]]


def fit_curve(
    loop: ClosedLoop,
    delays: Sequence[float] = DELAYS,
    *,
    initial: PolicyCurve | None = None,
    fresh: Sequence[float] = FRESH,
    steps: int = 4,
    on_run: Callable[[], object] = lambda: None,
) -> FittedCurve:
    """Fits the policies of rising delays, each from that of the delay before.

    Args:
      loop: dialogues by which they are judged.
      delays: seconds.
      initial: policies to begin from, say of another corpus; by hand where absent.
      fresh: delays at which derivatives are taken anew; the first is always one.
      steps: see `fit_policy`.
      on_run: called after each run.
    """
    reference, policies, rows = loop.reference(), [], []
    derivatives = None
    for delay in delays:
        begin = initial.at(delay) if initial else (policies[-1] if policies else BY_HAND)
        near = None if delay in fresh else derivatives
        policy, derivatives, _ = fit_policy(loop, delay, begin, reference, near, steps=steps, on_run=on_run)
        policies.append(policy)
        rows.append({"delay": delay, **compare_seats(loop.measure(policy, delay), reference)})
    return FittedCurve(PolicyCurve(tuple(delays), tuple(policies)), rows)


def compare_seats(metrics: SeatMetrics, reference: SeatMetrics) -> dict[str, Any]:
    """Compares the offsets and the rates of dialogues with those of a reference, see `FittedCurve`.

    Args:
      metrics: of a policy.
      reference: of the simulator's own seats.
    """
    first, second = metrics.pooled_fto(0), reference.pooled_fto(0)
    row: dict[str, Any] = {
        "offsets": len(first),
        "w1": float(scipy.stats.wasserstein_distance(first, second)),
    }
    for name, fto in (("", first), ("_reference", second)):
        row |= {f"below_zero{name}": float(np.mean(fto < 0)), f"median{name}": float(np.median(fto))}
    ratio = metrics.rates() / np.maximum(reference.rates(), 1e-9)
    row["rates"] = [dict(zip(RATES, map(float, one), strict=True)) for one in ratio]
    return row
