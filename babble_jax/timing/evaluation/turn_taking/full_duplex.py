"""Full-Duplex-Bench by durations alone: pauses, smooth transfers, backchannels, interruptions.

Axes: N interruptions, F frames from one on.

The original rests on recognised words, which babble has not: here a segment of at least `TAKES_FLOOR` seconds takes
  the floor.
Different on purpose: a latency keeps its sign (theirs sets negative ones to 0), and a take-over in a pause is one
  that begins within that pause (theirs does not look at the place).

References: Lin et al. 2025 (arXiv 2503.04721), version 1.
"""

import dataclasses
from typing import Any

import numpy as np

from babble_jax.timing.evaluation.turn_taking.agent_seat import AgentSeat
from babble_jax.timing.evaluation.turn_taking.cut_offs import StartTimes, summarize_cut_offs
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls, speaking
from babble_jax.timing.evaluation.turn_taking.openings import LEAD, Openings
from babble_jax.timing.floor.state import FRAME

TAKES_FLOOR = 1.0
"""Seconds of a segment that takes the floor."""
YIELDS = 1.0
"""Seconds after an interruption within which the agent yields."""
_FRAMES = 200


@dataclasses.dataclass(frozen=True, eq=False)
class Interruptions:
    """Holds onsets of turns of one speaker while the other, who is the agent, speaks alone; [N] each.

    Attributes:
      window: number of the window.
      seat: of the agent.
      onset: frame of the interruption.
      human: frames until the recorded person in the agent's seat stops; `_FRAMES` where later.
    """

    window: np.ndarray
    seat: np.ndarray
    onset: np.ndarray
    human: np.ndarray

    def __len__(self) -> int:
        return len(self.window)


def find_interruptions(calls: FramedCalls) -> Interruptions:
    """Finds the interruptions of all calls: turns that last `TAKES_FLOOR` at least, begun while the other speaks alone.

    Args:
      calls: in frames.
    """
    rows, least = [], round(TAKES_FLOOR / FRAME)
    for w in range(len(calls)):
        codes = calls.codes[w, : calls.frames[w]]
        on = speaking(codes)
        for s in (0, 1):
            edges = np.flatnonzero(codes[:, s])
            for onset, end in zip(edges[::2], edges[1::2], strict=False):
                agent = 1 - s
                if onset < 20 or end - onset < least or codes[onset, s] == 2:
                    continue
                if not on[onset - 20 : onset, agent].all() or on[onset - 20 : onset, s].any():
                    continue
                later = np.flatnonzero(codes[onset : onset + _FRAMES, agent])
                rows.append((w, agent, int(onset), int(later[0]) if len(later) else _FRAMES))
    return Interruptions(*np.array(rows, int).reshape(-1, 4).T)


def yield_times(
    interruptions: Interruptions, calls: FramedCalls, agent: AgentSeat, own_effects: np.ndarray
) -> np.ndarray:
    """Returns the probability that the agent stops in each frame after an interruption, [N, F].

    Args:
      interruptions: N of them.
      calls: in frames.
      agent: at its delay.
      own_effects: [K] of the agent.
    """
    result = np.zeros((len(interruptions), _FRAMES))
    for i in range(len(interruptions)):
        w, s, onset = int(interruptions.window[i]), int(interruptions.seat[i]), int(interruptions.onset[i])
        edges = np.zeros(_FRAMES, bool)
        source = calls.detected[w, onset : onset + _FRAMES, 1 - s] > 0
        edges[: len(source)] = source
        hazard = agent.roll_out(calls, w, s, onset, edges, own_effects)[:, 0]
        left = np.exp(-np.cumsum(hazard))
        result[i] = -np.diff(left, prepend=1.0)
    return result


def human_yields(interruptions: Interruptions) -> np.ndarray:
    """Returns when the recorded person stops, as `yield_times` does, [N, F]."""
    result = np.zeros((len(interruptions), _FRAMES))
    inside = interruptions.human < _FRAMES
    result[np.flatnonzero(inside), interruptions.human[inside]] = 1
    return result


def immediate_yields(interruptions: Interruptions, delay_frames: int) -> np.ndarray:
    """Returns when an agent stops that does so as soon as it knows of the other's speech, [N, F].

    Args:
      interruptions: N of them.
      delay_frames: after which it knows.
    """
    result = np.zeros((len(interruptions), _FRAMES))
    result[:, min(delay_frames, _FRAMES - 1)] = 1
    return result


def summarize_full_duplex(
    starts: StartTimes,
    yields: np.ndarray,
    pauses: Openings,
    ends: Openings,
    call: np.ndarray,
    long_share: float,
) -> dict[str, Any]:
    """Summarises by Full-Duplex-Bench's four tasks, but for backchannels.

    Args:
      starts: of the agent.
      yields: [N, F] of the agent.
      pauses: of the calls.
      ends: of turns.
      call: [W] the call of each window.
      long_share: share of the agent's turns that last `TAKES_FLOOR` at least.
    """
    cut = summarize_cut_offs(starts, pauses, ends, call)
    within = np.cumsum(yields, axis=1)
    mean = within.mean(axis=0) if len(yields) else np.zeros(_FRAMES)
    middle = np.flatnonzero(mean >= 0.5)
    weight = starts.turn.sum(axis=0)
    time = np.arange(len(weight)) * FRAME - LEAD
    return {
        "pause_takeover": long_share * cut["pauses_cut"] if cut["pauses_cut"] is not None else None,
        "turn_takeover": float(long_share * weight.sum() / max(len(ends), 1)),
        "turn_latency_mean": float(weight @ time / weight.sum()) if weight.sum() else None,
        "turn_latency_median": cut["latency_median"],
        "interruptions": len(yields),
        "interruption_yields": float(mean[round(YIELDS / FRAME) - 1]) if len(yields) else None,
        "interruption_latency_median": float(middle[0] * FRAME) if len(middle) else None,
    }
