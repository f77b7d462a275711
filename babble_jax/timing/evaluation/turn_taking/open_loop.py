"""The open loop of the benchmark: an agent beside recorded calls, trial by trial, with people and baselines.

Axes: W windows of the calls, N stretches, T frames.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.timing.evaluation.turn_taking.agent_seat import AgentSeat
from babble_jax.timing.evaluation.turn_taking.backchannel_scores import (
    MARGINS,
    Stretches,
    choose_threshold,
    divergence,
    draw,
    find_stretches,
    peaks,
    score_backchannels,
    without_backchannels,
)
from babble_jax.timing.evaluation.turn_taking.calibration import Calibration
from babble_jax.timing.evaluation.turn_taking.cut_offs import (
    StartTimes,
    human_starts,
    moving_average,
    summarize_cut_offs,
    timeout_starts,
)
from babble_jax.timing.evaluation.turn_taking.floor_seat import FloorSeat
from babble_jax.timing.evaluation.turn_taking.frames import FramedCalls, frame_calls, speaking
from babble_jax.timing.evaluation.turn_taking.full_duplex import (
    TAKES_FLOOR,
    find_interruptions,
    human_yields,
    immediate_yields,
    summarize_full_duplex,
    yield_times,
)
from babble_jax.timing.evaluation.turn_taking.opening_trials import END_FRAMES, play_openings
from babble_jax.timing.evaluation.turn_taking.openings import Openings, find_openings
from babble_jax.timing.evaluation.turn_taking.published import PUBLISHED
from babble_jax.timing.evaluation.turn_taking.traces import trace_calls
from babble_jax.timing.evaluation.turn_taking.vap_scores import VapScores, find_vap_events
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.belief import PauseDistribution
from babble_jax.timing.floor.effects import GROUPS
from babble_jax.timing.floor.state import FRAME
from babble_jax.timing.splits import split

TIMEOUTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Seconds of the fixed time-outs."""
PATIENCES = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""Settings of the knob by which hazards of taking the floor are divided."""
MOST = 8000
"""Pauses, ends of turns and interruptions that are tried at most, drawn at random."""
VAD_POLICY = {
    "long": 0.4,
    "short": 1.0,
    "stretch": 2.0,
    "backchannel_after": 2.5,
    "backchannel_silence": 0.25,
}
"""The policy by hand, in seconds: a short time-out after a long IPU, a long one after others; a backchannel a while
into each silence that follows so much talk."""


@dataclasses.dataclass(frozen=True, eq=False)
class OpenLoop:
    """Holds recorded calls and what is to be measured on them.

    Attributes:
      conversations: of two speakers each.
      calls: in frames.
      definitions: of the events.
      validation: [C] bool, calls on which thresholds are chosen, left out of the scores that need them.
      pauses: silences within turns.
      ends: of turns.
    """

    conversations: Sequence[Conversation]
    calls: FramedCalls
    definitions: Definitions
    validation: np.ndarray
    pauses: Openings
    ends: Openings


def open_loop_of(conversations: Sequence[Conversation], definitions: Definitions) -> OpenLoop:
    """Lays recorded calls out for the benchmark; a fifth of their groups is for thresholds.

    Args:
      conversations: those of two speakers are taken.
      definitions: of the events.

    Raises:
      BabbleError: there are no conversations of two speakers, or none in which turns are taken.
    """
    dyads = [c for c in conversations if len(c.speakers) == 2]
    if not dyads:
        raise BabbleError("The benchmark needs conversations of two speakers, and there are none.")
    calls = frame_calls(dyads, definitions)
    pauses, ends = find_openings(dyads, calls, definitions)
    if not len(pauses) or not len(ends):
        raise BabbleError("The conversations hold no pauses or no turns that are taken; give more of them.")
    groups = [c.group for c in dyads]
    validation = ~split(groups) if len(set(groups)) > 1 else np.zeros(len(dyads), bool)
    rng = np.random.default_rng(0)
    pauses, ends = (
        o if len(o) <= MOST else o.take(np.sort(rng.choice(len(o), MOST, replace=False)))
        for o in (pauses, ends)
    )
    return OpenLoop(dyads, calls, definitions, validation, pauses, ends)


def measure_open_loop(loop: OpenLoop, agent: AgentSeat, pauses: PauseDistribution) -> dict[str, Any]:
    """Measures an agent on recorded calls, beside people and baselines; returns JSON values.

    Args:
      loop: the calls.
      agent: at its delay.
      pauses: the belief about pauses within IPUs.

    Returns:
      `conversations`, `hours`; `vap`, `backchannels`, `cut_offs`, `full_duplex` and `calibration`.
    """
    with Progress("bench: recorded calls", total=5, unit="steps") as progress:
        seats = {
            "now": FloorSeat(agent.floor, pauses),
            "at_delay": FloorSeat(agent.floor, pauses, agent.delay),
        }
        vap, calibration = {}, {}
        for name, seat in seats.items():
            vap[name], calibration[name] = _follow(loop, seat)
            progress.update()
        shares = _cut_offs(loop, agent)
        progress.update()
        result = {
            "conversations": len(loop.conversations),
            "hours": float(loop.calls.frames.sum() * FRAME / 3600),
            "vap": {
                "floor": vap["now"],
                "floor_at_delay": vap["at_delay"],
                "people": "their acts are the labels: 1 in every row",
                "published": {k: v for k, v in PUBLISHED.items() if k.startswith("vap")},
            },
            "backchannels": score_all_backchannels(loop, agent),
            "cut_offs": shares["cut_offs"],
            "full_duplex": _full_duplex(loop, agent, shares["starts"]),
            "calibration": calibration,
        }
        progress.update(2)
    return result


def _follow(loop: OpenLoop, seat: FloorSeat) -> tuple[dict[str, Any], dict[str, Any]]:
    """Scores events of voice activity projection, and the calibration of the hazards."""
    trial = find_vap_events(loop.calls, seat)
    scores, calibration = VapScores(trial, seat), Calibration()
    for trace in trace_calls(loop.calls, seat, moments=trial.moments):
        scores.add(trace)
        calibration.add(trace, loop.calls.codes[trace.rows], loop.calls.call[trace.rows])
    return scores.summary(loop.calls, loop.validation), calibration.summary()


def _cut_offs(loop: OpenLoop, agent: AgentSeat) -> dict[str, Any]:
    """Sweeps the patience of the agent and the time-outs."""
    pauses, ends, call, late = loop.pauses, loop.ends, loop.calls.call, agent.delay_frames
    hazards = play_openings(pauses, ends, loop.calls, agent, np.zeros(len(GROUPS)))

    def row(starts: StartTimes, **setting: float) -> dict[str, Any]:
        return setting | summarize_cut_offs(starts, pauses, ends, call)

    wait = _vad_timeouts(loop)
    starts = {"agent": hazards.starts(), "people": human_starts(pauses, ends)}
    starts["timeout_0.7"] = timeout_starts(pauses, ends, 0.7, late)
    return {
        "starts": starts,
        "cut_offs": {
            "people": row(starts["people"]),
            "agent": [row(hazards.starts(p), patience=p) for p in PATIENCES],
            "timeouts": [row(timeout_starts(pauses, ends, t, late), timeout=t) for t in TIMEOUTS],
            "moving_average": row(timeout_starts(pauses, ends, moving_average(pauses, ends), late)),
            "vad_policy": row(timeout_starts(pauses, ends, wait, late)),
            "independent": row(_independent_starts(loop)),
        },
    }


def _independent_starts(loop: OpenLoop) -> StartTimes:
    """Returns the starts of a seat that begins at a constant rate, that of people when they are silent."""
    starts = silent = 0
    for w in range(len(loop.calls)):
        codes = loop.calls.codes[w, : loop.calls.frames[w]]
        on = speaking(codes)
        starts += int(((codes == 1) & on).sum())
        silent += int((~on).sum())
    rate = starts / max(silent, 1)
    turn = np.tile(np.exp(-rate * np.arange(END_FRAMES)) * -np.expm1(-rate), (len(loop.ends), 1))
    return StartTimes(-np.expm1(-rate * loop.pauses.length), turn.astype(np.float32))


def _vad_timeouts(loop: OpenLoop) -> np.ndarray:
    """Returns the time-outs of the policy by hand, seconds: of the pauses, then of the ends of turns."""
    waits = []
    for openings in (loop.pauses, loop.ends):
        for window, seat, begin in zip(openings.window, openings.seat, openings.begin, strict=True):
            edges = np.flatnonzero(loop.calls.codes[window, : begin + 1, 1 - seat])
            onset = edges[(len(edges) - 1) // 2 * 2] if len(edges) else begin  # of the IPU that stops here
            long = (begin - onset) * FRAME >= VAD_POLICY["stretch"]
            waits.append(VAD_POLICY["long"] if long else VAD_POLICY["short"])
    return np.array(waits)


def score_all_backchannels(loop: OpenLoop, agent: AgentSeat) -> dict[str, Any]:
    """Scores backchannels of the agent, by threshold and drawn, and of baselines."""
    calls = without_backchannels(loop.calls)
    stretches = find_stretches(loop.conversations, loop.calls, loop.definitions)
    none = np.zeros(len(GROUPS))
    latest = (-1, -1)
    followed = np.zeros((0, 2))
    order = np.lexsort((stretches.seat, stretches.window))
    by_row: dict[int, np.ndarray] = {}
    for i in order:
        key = int(stretches.window[i]), int(stretches.seat[i])
        if key != latest:
            followed, latest = agent.follow(calls, *key, none), key
        by_row[int(i)] = followed[stretches.begin[i] : stretches.end[i], 1]
    hazards = [by_row[i] for i in range(len(stretches))]
    call = loop.calls.call[stretches.window]
    held_back = loop.validation[call]
    threshold = choose_threshold(
        *_subset(hazards, stretches, held_back if held_back.any() else ~held_back), MARGINS[0]
    )
    hazards, stretches = _subset(hazards, stretches, ~held_back)
    call = call[~held_back]
    rng = np.random.default_rng(0)
    begins = stretches.begin
    rate = sum(map(len, stretches.onsets)) / max(np.sum(stretches.end - begins), 1)
    predictions = {
        "agent_by_threshold": [peaks(h, threshold) + b for h, b in zip(hazards, begins, strict=True)],
        "agent_drawn": [draw(h, rng) + b for h, b in zip(hazards, begins, strict=True)],
        "vad_policy": _vad_backchannels(loop.calls, stretches, agent.delay_frames),
        "independent": [
            draw(np.full(len(h), 1.35 * rate), rng) + b for h, b in zip(hazards, begins, strict=True)
        ],
        "people": list(stretches.onsets),
    }
    return {
        name: score_backchannels(p, stretches, call) | {"full_duplex_bench_jsd": divergence(p, stretches)}
        for name, p in predictions.items()
    } | {"published": {k: v for k, v in PUBLISHED.items() if k.startswith("backchannels")}}


def _vad_backchannels(calls: FramedCalls, stretches: Stretches, late: int) -> list[np.ndarray]:
    """Returns the backchannels of the policy by hand, in frames of the windows."""
    result = []
    wait = round(VAD_POLICY["backchannel_silence"] / FRAME)
    talk = round(VAD_POLICY["backchannel_after"] / FRAME)
    for window, seat, begin, end in zip(
        stretches.window, stretches.seat, stretches.begin, stretches.end, strict=True
    ):
        edges = np.flatnonzero(calls.detected[window, :end, 1 - seat])
        ends, onsets = edges[1::2], np.append(edges[2::2], end)
        at, last = [], begin
        for stop, again in zip(ends, onsets, strict=False):
            if stop >= begin and again - stop >= wait and stop - last >= talk:
                at.append(stop + wait + late)
                last = stop
        result.append(np.array(at, int))
    return result


def _subset(
    hazards: list[np.ndarray], stretches: Stretches, mask: np.ndarray
) -> tuple[list[np.ndarray], Stretches]:
    return [h for h, keep in zip(hazards, mask, strict=True) if keep], Stretches(
        stretches.window[mask],
        stretches.seat[mask],
        stretches.begin[mask],
        stretches.end[mask],
        [o for o, keep in zip(stretches.onsets, mask, strict=True) if keep],
    )


def _full_duplex(loop: OpenLoop, agent: AgentSeat, starts: dict[str, StartTimes]) -> dict[str, Any]:
    """Summarises Full-Duplex-Bench's tasks for the agent, a time-out and people."""
    interruptions = find_interruptions(loop.calls)
    if len(interruptions) > MOST:
        rows = np.sort(np.random.default_rng(0).choice(len(interruptions), MOST, replace=False))
        interruptions = dataclasses.replace(
            interruptions,
            **{f.name: getattr(interruptions, f.name)[rows] for f in dataclasses.fields(interruptions)},
        )
    yields = {
        "people": human_yields(interruptions),
        "agent": yield_times(interruptions, loop.calls, agent, np.zeros(len(GROUPS))),
        "timeout_0.7": immediate_yields(interruptions, agent.delay_frames),
    }
    long = _long_share(loop.calls)
    return {
        name: summarize_full_duplex(
            starts[name],
            yields[name],
            loop.pauses,
            loop.ends,
            loop.calls.call,
            1.0 if "timeout" in name else long,
        )
        for name in yields
    }


def _long_share(calls: FramedCalls) -> float:
    """Returns the share of people's turns' IPUs that last long enough to take the floor."""
    long = total = 0
    for w in range(len(calls)):
        for s in (0, 1):
            codes = calls.codes[w, : calls.frames[w], s]
            edges = np.flatnonzero(codes)
            onset, end = edges[::2], edges[1::2]
            length = end - onset[: len(end)]
            turn = codes[onset[: len(end)]] == 1
            long, total = long + int((length[turn] * FRAME >= TAKES_FLOOR).sum()), total + int(turn.sum())
    return long / max(total, 1)
