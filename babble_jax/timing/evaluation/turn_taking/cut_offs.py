"""Cut-offs against latency: how often an agent begins in a pause, and how long it waits after a turn.

Axes: N openings, F frames from the first one in which the agent may begin, K settings.

Each opening is one trial: the history is the recorded one up to the silence (of a turn: up to `openings.LEAD` before
  its end), and from there on the agent hears the recorded speaker and has done nothing yet. What comes out is the
  distribution of its first turn, computed and not drawn.
"""

import dataclasses
from typing import Any

import numpy as np

from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls
from babble_jax.timing.evaluation.turn_taking.openings import LEAD, Openings
from babble_jax.timing.evaluation.turn_taking.scores import interval, resample_weights
from babble_jax.timing.floor.state import FRAME

HORIZON = 3.0
"""Seconds after the end of a turn up to which the agent may begin."""


@dataclasses.dataclass(frozen=True, eq=False)
class StartTimes:
    """Holds when an agent begins its first turn in each opening: of N openings the probability of each frame.

    Attributes:
      pause: [N] probability that it begins in the pause.
      turn: [N, F] float32 probability of each frame from `LEAD` before the end of the turn on.
    """

    pause: np.ndarray
    turn: np.ndarray


def edges_of_speech(
    calls: FramedCalls, openings: Openings, first: np.ndarray, frames: int, end: np.ndarray
) -> np.ndarray:
    """Returns the edges of the recorded speaker's speech, [F, N] bool.

    Args:
      calls: in frames.
      openings: N of them.
      first: [N] the first frame of each.
      frames: F.
      end: [N] the frame from which on the speaker is silent, whatever the recording has.
    """
    result = np.zeros((frames, len(openings)), bool)
    time = np.arange(frames)
    for i in range(len(openings)):
        source = first[i] + time
        inside = (source >= 0) & (source <= end[i]) & (source < calls.detected.shape[1])
        result[inside, i] = calls.detected[openings.window[i], source[inside], 1 - openings.seat[i]] > 0
    return result


def first_starts(hazard: np.ndarray) -> np.ndarray:
    """Returns the probability that the first event is a turn and falls into each frame, [F, N], of hazards [F, N, 2].

    A backchannel that comes first uses up the opening.
    """
    value = hazard.astype(np.float64)
    total = value.sum(axis=-1)
    survival = np.exp(-np.cumsum(total, axis=0) + total)
    return survival * -np.expm1(-total) * value[..., 0] / np.maximum(total, 1e-300)


def timeout_starts(pauses: Openings, ends: Openings, timeout: np.ndarray | float, delay: int) -> StartTimes:
    """Returns when an agent begins that waits for a silence of a fixed length, as it hears it.

    Args:
      pauses: N of them.
      ends: of turns, M of them.
      timeout: seconds of silence, one for all or [N + M] for each opening.
      delay: frames after which it hears the silence.
    """
    limit = np.broadcast_to(np.asarray(timeout, float), len(pauses) + len(ends))
    wait = np.round(limit / FRAME).astype(int) + delay
    frames = round((LEAD + HORIZON) / FRAME)
    turn = np.zeros((len(ends), frames), np.float32)
    at = round(LEAD / FRAME) + wait[len(pauses) :]
    inside = at < frames
    turn[np.flatnonzero(inside), at[inside]] = 1
    return StartTimes((wait[: len(pauses)] < pauses.length).astype(float), turn)


def moving_average(pauses: Openings, ends: Openings, alpha: float = 0.9, begin: float = 0.5) -> np.ndarray:
    """Returns the time-outs of an endpointer that averages this user's pauses, seconds [N + M].

    The time-out is the exponential moving average of the pauses that the user has made so far, between 0.3 and 1.0 s.

    Args:
      pauses: N of them.
      ends: of turns, M of them.
      alpha: weight of the average so far.
      begin: time-out before the first pause, seconds.

    References: `DynamicEndpointing` of LiveKit agents, from its description.
    """
    window = np.concatenate([pauses.window, ends.window])
    seat = np.concatenate([pauses.seat, ends.seat])
    at = np.concatenate([pauses.begin, ends.begin])
    length = np.concatenate([pauses.length * FRAME, np.full(len(ends), np.nan)])
    result = np.full(len(at), begin)
    value, key = begin, None
    for i in np.lexsort((at, seat, window)):
        if (window[i], seat[i]) != key:
            key, value = (window[i], seat[i]), begin
        result[i] = value
        if np.isfinite(length[i]):
            value = alpha * value + (1 - alpha) * length[i]
    return np.clip(result, 0.3, 1.0)


def human_starts(pauses: Openings, ends: Openings) -> StartTimes:
    """Returns when the recorded person in the agent's seat begins.

    Args:
      pauses: N of them.
      ends: of turns.
    """
    frames = round((LEAD + HORIZON) / FRAME)
    turn = np.zeros((len(ends), frames), np.float32)
    at = round(LEAD / FRAME) + ends.human
    inside = (at >= 0) & (at < frames)
    turn[np.flatnonzero(inside), at[inside]] = 1
    return StartTimes((pauses.human < pauses.length).astype(float), turn)


def summarize_cut_offs(
    starts: StartTimes, pauses: Openings, ends: Openings, call: np.ndarray
) -> dict[str, Any]:
    """Summarises shares of pauses and turns that are cut into, and the offsets after turns; with 95 % intervals.

    Args:
      starts: of the agent.
      pauses: N of them.
      ends: of turns.
      call: [W] the call of each window, over which the intervals are.

    Returns:
      `pauses_cut`, `turns_cut` (shares; a turn is cut where any of its pauses is), `latency_median` (seconds; None
      where it lies beyond the horizon), `below_0`, `below_200ms`, `above_1s` (shares of the turns, where a start that
      does not come within the horizon counts as above), and intervals of the first three.
    """
    frames = starts.turn.shape[1]
    time = (np.arange(frames) - round(LEAD / FRAME)) * FRAME
    numbers, index = np.unique(pauses.turn, return_inverse=True)
    left = np.zeros(len(numbers))
    np.add.at(left, index, np.log1p(-np.minimum(starts.pause, 1 - 1e-12)))
    cut = -np.expm1(left)
    turn_window = np.zeros(len(numbers), int)
    turn_window[index] = pauses.window

    def median(weight: np.ndarray) -> float:
        share = weight @ starts.turn / max(weight.sum(), 1)
        passed = np.flatnonzero(np.cumsum(share) >= 0.5)
        return float(time[passed[0]]) if len(passed) else float("nan")

    of_pause, of_turn, of_end = call[pauses.window], call[turn_window], call[ends.window]
    unique, everything = np.unique(np.concatenate([of_pause, of_turn, of_end]), return_inverse=True)
    weights = resample_weights(np.arange(len(unique)))[:, everything].astype(float)
    n, m = len(of_pause), len(of_pause) + len(of_turn)
    pause_weight, turn_weight, end_weight = weights[:, :n], weights[:, n:m], weights[:, m:]
    share = starts.turn.mean(axis=0) if len(ends) else np.zeros(frames)
    middle = median(np.ones(len(ends)))
    return {
        "pauses": len(pauses),
        "turns": len(numbers),
        "turn_ends": len(ends),
        "pauses_cut": float(starts.pause.mean()) if len(pauses) else None,
        "pauses_cut_interval": interval(
            pause_weight @ starts.pause / np.maximum(pause_weight.sum(axis=1), 1)
        ),
        "turns_cut": float(cut.mean()) if len(cut) else None,
        "turns_cut_interval": interval(turn_weight @ cut / np.maximum(turn_weight.sum(axis=1), 1)),
        "latency_median": middle if np.isfinite(middle) else None,
        "latency_median_interval": interval(np.array([median(w) for w in end_weight])),
        "below_0": float(share[time < -1e-9].sum()),
        "below_200ms": float(share[time < 0.2 - 1e-9].sum()),
        "above_1s": float(1 - share[time < 1.0 - 1e-9].sum()),
    }
