"""The state of a dialogue in plain Python: from lists of intervals, one frame and one speaker at a time."""

import math

import numpy as np

from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.state import EDGES, FRAME, STATE_SHAPE

TURN, LONE, BACKCHANNEL = 0, 1, 2


def plain_log_likelihood(
    intervals, short, speakers: int, frames: int, table: np.ndarray, definitions: Definitions
):
    """Returns the log-likelihood of a dialogue, nats.

    Args:
      intervals: (speaker, onset, end) of each IPU, seconds.
      short: which of them are backchannels.
      speakers: number of speakers.
      frames: length of the dialogue.
      table: [2, 2, ...] log-hazards by the parts of a state, and which hazard.
      definitions: of the events.
    """
    merge, min_ipu, longest, isolation = (
        math.floor(s / FRAME + 1e-6)
        for s in (
            definitions.merge,
            definitions.min_ipu,
            definitions.backchannel_max,
            definitions.backchannel_isolation,
        )
    )
    begins = {(s, math.floor(a / FRAME + 1e-6)): b for (s, a, _), b in zip(intervals, short, strict=True)}
    ends = {(s, math.floor(b / FRAME + 1e-6)) for s, _, b in intervals}
    on, since, kind = [False] * speakers, [max(merge, isolation)] * speakers, [TURN] * speakers
    other_on, other_since, other_kind = [False] * speakers, list(since), [TURN] * speakers
    floor, came, runs = None, 5, []
    own_taking, taking, silent = [1] * speakers, 1, 0
    nats = 0.0
    for frame in range(frames):
        happens = []
        for s in range(speakers):
            happens.append(
                ("on" if not on[s] else "off") if ((s, frame) in begins or (s, frame) in ends) else None
            )
            wait = min_ipu if on[s] else max(isolation, merge) if kind[s] == BACKCHANNEL else merge
            certain = on[s] and kind[s] == BACKCHANNEL and since[s] >= longest
            if since[s] < wait or certain:
                continue
            bins = [int(np.sum(np.asarray(EDGES) <= t)) - 1 for t in (since[s], other_since[s])]
            parts = (
                int(on[s]),
                int(other_on[s]),
                kind[s],
                other_kind[s],
                int(floor == s),
                came,
                own_taking[s],
                taking,
                *bins,
            )
            first, second = (math.exp(v) for v in table[parts])
            if happens[s] is None:
                nats -= first + second
            elif happens[s] == "on" and begins[s, frame]:
                nats += math.log(-math.expm1(-first - second)) + math.log(second / (first + second))
            else:
                nats += math.log(-math.expm1(-first - second)) + math.log(first / (first + second))
        for s in range(speakers):
            if happens[s] == "on":
                kind[s] = BACKCHANNEL if begins[s, frame] else LONE if since[s] >= isolation else TURN
            if happens[s]:
                on[s], since[s] = not on[s], 0
            since[s] += 1
            if on[s] and kind[s] == LONE and since[s] > longest:
                kind[s] = TURN
        for s in range(speakers):
            running = [kind[o] for o in range(speakers) if o != s and on[o]]
            other_since[s] = 1 if bool(running) != other_on[s] else other_since[s] + 1
            other_on[s] = bool(running)
            if running:
                other_kind[s] = min(running)
        speaking = [s for s in range(speakers) if on[s]]
        run = "silence" if not speaking else "overlap" if len(speaking) > 1 else "solo"
        if run != "solo":
            silent = silent + 1 if run == "silence" else 0
            if not runs or runs[-1] != run:
                runs.append(run)
            continue
        if runs or floor != speaking[0]:
            same = floor == speaking[0]
            if floor is None or len(runs) > 1:
                came = 0
            elif runs == ["overlap"]:
                came = 4 if same else 3
            else:
                came = 1 if same else 2
            if came in (2, 3):
                taking = 0 if came == 3 else 1 if silent < 30 else 2
                own_taking[speaking[0]] = taking
        floor, runs, silent = speaking[0], [], 0
    return nats


def random_table(seed: int) -> np.ndarray:
    """Draws log-hazards per frame that are all different."""
    return np.random.default_rng(seed).normal(-4, 0.7, (*STATE_SHAPE, 2)).astype(np.float32)
