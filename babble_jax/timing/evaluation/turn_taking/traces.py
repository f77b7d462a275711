"""Follows the floor's hazards along recorded calls: each seat in turn is the agent's, its history that of the recording.

Axes: W windows of the calls, T frames, S = 2 seats, K groups of hazards, N views at which something is asked, F frames
from there on.

The agent knows its own past to the present and the other's up to a delay ago. It never hears what it does itself here: a
recorded partner does not react, so that only what is asked at each moment, given the real past, is scored.
"""

import dataclasses
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls
from babble_jax.timing.evaluation.turn_taking.pauses import PauseBelief
from babble_jax.timing.evaluation.turn_taking.seat_view import (
    SeatView,
    ViewTables,
    follow_views,
    initial_view,
    unpack,
)
from babble_jax.timing.floor import effects
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.floor.state import FRAME, Limits

BLOCK = 2000
"""Frames between two looks at what the past tells of the people, and frames that are followed at once."""
BATCH = 64
"""Windows side by side."""


@dataclasses.dataclass(frozen=True, eq=False)
class Trace:
    """Holds the hazards of both seats along a batch of windows; [W, S, T] where nothing else is said.

    Attributes:
      rows: [W] the windows, as rows of the calls.
      hazard: [W, S, T, 2] float32 per frame: to begin a turn or end the own IPU, and to begin a backchannel.
      at_risk: whether the seat can begin or end an IPU, by its own past.
      on: whether the seat's IPU runs at the start of the frame.
      other_on: whether the other is on, as the seat sees it.
      backchannel: float32 probability that the other's last IPU is a backchannel.
      observed: [W, T] whether the frame is within the window.
      snapshots: the views that were asked for, N of them.
      snapshot_effects: [N, S, K] the effects that hold there.
    """

    rows: np.ndarray
    hazard: np.ndarray
    at_risk: np.ndarray
    on: np.ndarray
    other_on: np.ndarray
    backchannel: np.ndarray
    observed: np.ndarray
    snapshots: SeatView | None
    snapshot_effects: np.ndarray | None


@dataclasses.dataclass(frozen=True, eq=False)
class SeatModel:
    """Holds what is needed to see the floor from a seat.

    Attributes:
      floor: the hazards.
      pauses: the pauses within IPUs.
      delay: seconds after which the other's speech is known.
      adapt: learn the effects of both people from what the call has shown so far.
    """

    floor: FloorSimulator
    pauses: PauseBelief
    delay: float = 0.0
    adapt: bool = True

    @property
    def delay_frames(self) -> int:
        """The delay in frames."""
        return round(self.delay / FRAME)

    @property
    def limits(self) -> Limits:
        """Of the definitions, in frames."""
        return Limits.of(self.floor.definitions)

    @property
    def tables(self) -> ViewTables:
        """The tables of the hazards and pauses."""
        return ViewTables(
            jnp.asarray(self.floor.log_hazard),
            jnp.asarray(effects.all_hazard_groups()),
            jnp.asarray(self.pauses.probability, jnp.float32),
        )


def trace_calls(
    calls: FramedCalls,
    model: SeatModel,
    *,
    moments: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
    fixed_effects: np.ndarray | None = None,
) -> Iterator[Trace]:
    """Follows the calls batch by batch.

    Args:
      calls: in frames.
      model: of the seat.
      moments: window, seat and frame, [N] each, at which views are to be returned, in any order; each trace holds those
        of its windows, in the order in which they are given.
      fixed_effects: [W, S, K] of the people, where they are known; otherwise they are as `model.adapt` says.
    """
    order = np.argsort(calls.frames, kind="stable")
    for first in range(0, len(order), BATCH):
        rows = order[first : first + BATCH]
        batch_effects = None if fixed_effects is None else fixed_effects[rows]
        yield _trace_batch(calls.take(rows), rows, model, moments, batch_effects)


@fixed_numerics()
def _trace_batch(
    calls: FramedCalls,
    rows: np.ndarray,
    model: SeatModel,
    moments: tuple[np.ndarray, np.ndarray, np.ndarray] | None,
    fixed_effects: np.ndarray | None,
) -> Trace:
    """Follows the windows of one batch; their rows among all calls are `rows`."""
    windows, frames = calls.codes.shape[:2]
    views, k = 2 * windows, len(effects.GROUPS)  # of a view: window * 2 + seat
    blocks = -(-frames // BLOCK)
    length = blocks * BLOCK
    own = np.zeros((length, views), np.int8)
    own[:frames] = calls.codes.transpose(1, 0, 2).reshape(frames, views)
    detected = np.zeros((length, views), bool)
    late = model.delay_frames
    other = calls.detected[:, : max(frames - late, 0), ::-1].transpose(1, 0, 2).reshape(-1, views)
    detected[late : late + len(other)] = other > 0
    observed = np.arange(length)[None] < calls.frames[:, None]

    wanted = _wanted_moments(rows, moments)
    tables, limits = model.tables, model.limits
    view = initial_view(views, limits)
    people = np.zeros((windows, 2, k), np.float32) if fixed_effects is None else fixed_effects
    total_events, total_expected = np.zeros((views, k)), np.zeros((views, k))
    parts, snapshots, snapshot_effects = [], [], []
    for block in range(blocks):
        cut = slice(block * BLOCK, (block + 1) * BLOCK)
        both = jnp.asarray(np.stack([people, people[:, ::-1]], axis=1).reshape(views, 2, k), jnp.float32)
        view, frame, expected, events, stored = follow_views(
            view, jnp.asarray(own[cut]), jnp.asarray(detected[cut]), both, tables, limits, wanted is not None
        )
        if wanted is not None and stored is not None:
            inside = np.flatnonzero(wanted[1] // BLOCK == block)
            at, line = wanted[1][inside] - block * BLOCK, wanted[0][inside]
            snapshots.append((inside, _gather(stored, at, line)))
            snapshot_effects.append(np.asarray(both)[line])
        parts.append([np.asarray(x) for x in (frame.hazard, frame.at_risk & ~frame.overdue, frame.on, frame.other_on, frame.backchannel)])
        if fixed_effects is None and model.adapt:
            scale = np.exp(np.asarray(people, np.float64).reshape(views, k))
            seen = observed[:, cut].all(axis=1).repeat(2)[:, None]  # the last, broken block tells nothing any more
            total_events += np.asarray(events) * seen
            total_expected += np.asarray(expected) / scale * seen
            people = _posterior_effects(total_events, total_expected, model.floor).reshape(windows, 2, k)
    hazard, risk, on, other_on, backchannel = (
        np.concatenate(x).reshape(length, windows, 2, *x[0].shape[2:]).swapaxes(0, 1).swapaxes(1, 2)
        for x in zip(*parts, strict=True)
    )
    return Trace(
        rows,
        hazard,
        risk & observed[:, None],
        on,
        other_on,
        backchannel,
        observed,
        *_in_order(snapshots, snapshot_effects),
    )


def _wanted_moments(rows: np.ndarray, moments: tuple | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Returns view and frame of the moments in these windows."""
    if moments is None:
        return None
    window, seat, frame = moments
    place = np.full(int(max(window.max(initial=0), rows.max())) + 1, -1)
    place[rows] = np.arange(len(rows))
    inside = place[window] >= 0
    return place[window[inside]] * 2 + seat[inside], frame[inside]


def moments_of(rows: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Returns which moments, by their windows [N], are those of a trace of these rows, in its order of snapshots."""
    return np.flatnonzero(np.isin(window, rows))


def _gather(stored: SeatView, at: np.ndarray, line: np.ndarray) -> SeatView:
    """Takes the views `line` before the frames `at` out of stored ones; their number is V."""

    def state(x: np.ndarray) -> np.ndarray:  # [T, R V, ...] to [R N, ...]
        views = x.shape[1] // 4
        return np.concatenate([x[at, branch * views + line] for branch in range(4)])

    def flat(x: np.ndarray) -> np.ndarray:
        return x[at, line]

    host = jax.tree.map(np.asarray, stored)
    odds = np.stack([host.odds[at, i, line] for i in (0, 1)])
    return SeatView(type(host.state)(*map(state, host.state)), odds, flat(host.silence), flat(host.into))


def _in_order(snapshots: list, snapshot_effects: list) -> tuple[SeatView | None, np.ndarray | None]:
    """Joins the snapshots of all blocks in the order in which they were asked for."""
    if not snapshots:
        return None, None
    number = np.concatenate([inside for inside, _ in snapshots])
    order = np.argsort(number, kind="stable")
    views = [view for _, view in snapshots]

    def join(*parts: np.ndarray) -> np.ndarray:
        return np.concatenate(parts)[order]

    def join_branches(*parts: np.ndarray) -> np.ndarray:
        quarters = [np.split(x, 4) for x in parts]
        return np.concatenate([np.concatenate([q[b] for q in quarters])[order] for b in range(4)])

    state = type(views[0].state)(*(join_branches(*x) for x in zip(*(v.state for v in views), strict=True)))
    odds = np.concatenate([v.odds for v in views], axis=1)[:, order]
    view = SeatView(state, odds, join(*(v.silence for v in views)), join(*(v.into for v in views)))
    return view, np.concatenate(snapshot_effects)[order]


def take_views(view: SeatView, rows: np.ndarray) -> SeatView:
    """Selects packed views by their rows, [N]."""

    def state(x: np.ndarray) -> np.ndarray:
        return np.concatenate([part[rows] for part in np.split(x, 4)])

    return SeatView(
        type(view.state)(*map(state, view.state)), view.odds[:, rows], view.silence[rows], view.into[rows]
    )


def _posterior_effects(events: np.ndarray, expected: np.ndarray, floor: FloorSimulator) -> np.ndarray:
    """Returns the logarithm of the mean factor of each person's hazards given their events so far, [P, K]."""
    counts = effects.EffectCounts(events, expected, np.repeat(np.arange(len(events) // 2), 2).astype(np.int32))
    posterior = effects.infer_effects(counts, np.array(floor.own), np.array(floor.shared))[0]
    return (posterior.mean + posterior.variance / 2).astype(np.float32)


@fixed_numerics()
def roll_out(
    view: SeatView, people: np.ndarray, detected: np.ndarray, model: SeatModel
) -> tuple[np.ndarray, np.ndarray]:
    """Follows views from some moments on while the own seat does nothing.

    Args:
      view: N packed views.
      people: [N, S, K] effects.
      detected: [F, N] bool, whether the other's speech begins or ends, as the seat sees it.
      model: of the seat.

    Returns:
      Hazards [F, N, 2] per frame, 0 where the seat is not at risk; and whether the other is on as it is seen, [F, N].
    """
    n = detected.shape[1]
    _, frame, *_ = follow_views(
        unpack(view),
        jnp.zeros(detected.shape, jnp.int8),
        jnp.asarray(detected),
        jnp.asarray(people),
        model.tables,
        model.limits,
    )
    risk = np.asarray(frame.at_risk & ~frame.overdue)
    assert risk.shape[1] == n
    return np.asarray(frame.hazard) * risk[..., None], np.asarray(frame.other_on)
