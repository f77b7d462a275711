"""Follows a seat's hazards along recorded calls: each seat in turn is the agent's, its history that of the recording.

Axes: W windows of the calls, T frames, S = 2 seats, K groups of hazards, B blocks of frames, N views at which
something is asked, F frames from there on.

The agent knows its own past to the present and the other's up to a delay ago. It never hears what it does itself
here: a recorded partner does not react, so that only what is asked at each moment, given the real past, is scored.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, Protocol

import jax
import numpy as np

from babble_jax.numerics import fixed_numerics
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls
from babble_jax.timing.floor import effects
from babble_jax.timing.floor.simulator import FloorSimulator

BLOCK = 2000
"""Frames between two looks at what the past tells of the people, and frames that are followed at once."""
BATCH = 64
"""Windows side by side."""

Snapshots = Any
"""A tree of arrays [N, ...]: what a seat knows at N moments."""
Moments = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Window, seat and frame, [N] each."""


@dataclasses.dataclass(frozen=True, eq=False)
class SeatFrames:
    """Holds what seats have in T frames, by line (V of them); [T, V] where nothing else is said.

    Attributes:
      hazard: [T, V, 2] float32 per frame: to begin a turn or end the own IPU, and to begin a backchannel.
      at_risk: bool, whether the seat can begin or end an IPU by chance.
      on: bool, whether the seat's IPU runs at the start of the frame.
      other_on: bool, whether the other is on, as the seat sees it.
      backchannel: float32 probability that the other's last IPU is a backchannel.
      expected: [V, K] events expected in all frames, by group of hazards; None where they are not summed.
      events: [V, K] events by group; None where they are not summed.
      snapshots: tree of [T, V, ...], what is known before each frame; None where it was not asked for.
    """

    hazard: np.ndarray
    at_risk: np.ndarray
    on: np.ndarray
    other_on: np.ndarray
    backchannel: np.ndarray
    expected: np.ndarray | None
    events: np.ndarray | None
    snapshots: Snapshots | None


class SeatModel(Protocol):
    """A way to see the floor from a seat and to have hazards there.

    Attributes:
      floor: the hazards on which it rests.
      adapt: learn the effects of both people from what the call has shown so far.
      delay_frames: after which the other's speech is known.
    """

    @property
    def floor(self) -> FloorSimulator:
        """The hazards on which it rests."""
        ...

    @property
    def adapt(self) -> bool:
        """Tells whether the effects of both people are learned from what the call has shown so far."""
        ...

    @property
    def delay_frames(self) -> int:
        """The delay in frames."""
        ...

    def begin(self, lines: int) -> Any:
        """Returns what V seats know before the first frame."""
        ...

    def follow(
        self, carry: Any, own_code: np.ndarray, detected: np.ndarray, people: np.ndarray, store: bool
    ) -> tuple[Any, SeatFrames]:
        """Follows V seats through T frames.

        Args:
          carry: what they know before.
          own_code: [T, V] what each does: 0 nothing, 1 begins or ends an IPU, 2 begins a backchannel.
          detected: [T, V] bool, whether the other's speech begins or ends in the frame, delay or not.
          people: [V, S, K] effects, the own ones first.
          store: return what is known before each frame, too.
        """
        ...

    def resume(self, snapshots: Snapshots) -> Any:
        """Returns what is known at N moments as `follow` takes it."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Trace:
    """Holds the hazards of both seats along a batch of windows; [W, S, T] where nothing else is said.

    Attributes:
      rows: [W] the windows, as rows of the calls.
      hazard: [W, S, T, 2], see `SeatFrames`.
      at_risk: bool, within the window.
      on: bool.
      other_on: bool.
      backchannel: float32.
      observed: [W, T] whether the frame is within the window.
      people: [W, B, S, K] effects in each block.
      snapshots: what was known at the moments that were asked for, N of them.
      snapshot_people: [N, S, K] the effects that hold there, the own ones first.
    """

    rows: np.ndarray
    hazard: np.ndarray
    at_risk: np.ndarray
    on: np.ndarray
    other_on: np.ndarray
    backchannel: np.ndarray
    observed: np.ndarray
    people: np.ndarray
    snapshots: Snapshots | None
    snapshot_people: np.ndarray | None


def trace_calls(
    calls: FramedCalls,
    model: SeatModel,
    *,
    moments: Moments | None = None,
    people: np.ndarray | None = None,
) -> Iterator[Trace]:
    """Follows the calls batch by batch.

    Args:
      calls: in frames.
      model: of the seat.
      moments: at which views are to be returned, in any order; each trace holds those of its windows, in the order in
        which they are given.
      people: [W, B, S, K] effects in each block, or B = 1 for all; otherwise they are as `model.adapt` says.
    """
    order = np.argsort(calls.frames, kind="stable")
    for first in range(0, len(order), BATCH):
        rows = order[first : first + BATCH]
        yield _trace_batch(calls.take(rows), rows, model, moments, None if people is None else people[rows])


@fixed_numerics()
def _trace_batch(
    calls: FramedCalls,
    rows: np.ndarray,
    model: SeatModel,
    moments: Moments | None,
    people: np.ndarray | None,
) -> Trace:
    """Follows the windows of one batch; their rows among all calls are `rows`."""
    windows, frames = calls.codes.shape[:2]
    lines, k = 2 * windows, len(effects.GROUPS)  # of a seat: window * 2 + seat
    blocks = -(-frames // BLOCK)
    length = blocks * BLOCK
    own, detected = np.zeros((length, lines), np.int8), np.zeros((length, lines), bool)
    own[:frames] = calls.codes.transpose(1, 0, 2).reshape(frames, lines)
    detected[:frames] = calls.detected[:, :, ::-1].transpose(1, 0, 2).reshape(frames, lines) > 0
    observed = np.arange(length)[None] < calls.frames[:, None]

    wanted = _wanted_moments(rows, moments)
    carry = model.begin(lines)
    now = np.zeros((windows, 2, k), np.float32)
    totals = [np.zeros((lines, k)), np.zeros((lines, k))]
    parts, history, snapshots = [], [], []
    for block in range(blocks):
        cut = slice(block * BLOCK, (block + 1) * BLOCK)
        if people is not None:
            now = people[:, min(block, people.shape[1] - 1)]
        history.append(now)
        both = np.stack([now, now[:, ::-1]], axis=1).reshape(lines, 2, k).astype(np.float32)
        carry, frame = model.follow(carry, own[cut], detected[cut], both, wanted is not None)
        if wanted is not None:
            inside = np.flatnonzero(wanted[1] // BLOCK == block)
            at, line = wanted[1][inside] - block * BLOCK, wanted[0][inside]
            views = jax.tree.map(lambda x, at=at, line=line: np.asarray(x)[at, line], frame.snapshots)
            snapshots.append((inside, views, both[line]))
        parts.append((frame.hazard, frame.at_risk, frame.on, frame.other_on, frame.backchannel))
        if people is None and model.adapt and frame.events is not None and frame.expected is not None:
            seen = (
                observed[:, cut].all(axis=1).repeat(2)[:, None]
            )  # the last, broken block tells nothing any more
            totals[0] += frame.events * seen
            totals[1] += frame.expected / np.exp(now.reshape(lines, k).astype(np.float64)) * seen
            now = _posterior_effects(totals[0], totals[1], model.floor).reshape(windows, 2, k)
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
        np.stack(history, axis=1),
        *_in_order(snapshots),
    )


def _wanted_moments(rows: np.ndarray, moments: Moments | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Returns line and frame of the moments in these windows."""
    if moments is None:
        return None
    window, seat, frame = moments
    place = np.full(int(max(window.max(initial=0), rows.max())) + 1, -1)
    place[rows] = np.arange(len(rows))
    inside = place[window] >= 0
    return place[window[inside]] * 2 + seat[inside], frame[inside]


def moments_of(rows: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Returns which moments, by their windows [N], are those of a trace of these rows, in its order of snapshots.

    Args:
      rows: [W] of the trace.
      window: [N] of the moments.
    """
    return np.flatnonzero(np.isin(window, rows))


def _in_order(parts: list) -> tuple[Snapshots | None, np.ndarray | None]:
    """Joins the snapshots of all blocks in the order in which they were asked for."""
    if not parts:
        return None, None
    order = np.argsort(np.concatenate([inside for inside, _, _ in parts]), kind="stable")

    def join(*arrays: np.ndarray) -> np.ndarray:
        return np.concatenate(arrays)[order]

    return jax.tree.map(join, *(views for _, views, _ in parts)), join(*(people for _, _, people in parts))


def take_snapshots(snapshots: Snapshots, rows: np.ndarray) -> Snapshots:
    """Selects snapshots by their rows, [N]."""
    return jax.tree.map(lambda x: x[rows], snapshots)


def _posterior_effects(events: np.ndarray, expected: np.ndarray, floor: FloorSimulator) -> np.ndarray:
    """Returns the logarithm of the mean factor of each person's hazards given their events so far, [P, K]."""
    counts = effects.EffectCounts(
        events, expected, np.repeat(np.arange(len(events) // 2), 2).astype(np.int32)
    )
    posterior = effects.infer_effects(counts, np.array(floor.own), np.array(floor.shared))[0]
    return (posterior.mean + posterior.variance / 2).astype(np.float32)


@fixed_numerics()
def roll_out(
    snapshots: Snapshots, people: np.ndarray, detected: np.ndarray, model: SeatModel
) -> tuple[np.ndarray, np.ndarray]:
    """Follows seats from some moments on while they do nothing.

    Args:
      snapshots: of N moments.
      people: [N, S, K] effects, the own ones first.
      detected: [F, N] bool, whether the other's speech begins or ends in the frame, delay or not.
      model: of the seat.

    Returns:
      Hazards [F, N, 2] per frame, 0 where the seat is not at risk; and whether the other is on as it is seen, [F, N].
    """
    still = np.zeros(detected.shape, np.int8)
    _, frame = model.follow(model.resume(snapshots), still, detected, people, False)
    return frame.hazard * frame.at_risk[..., None], frame.other_on
