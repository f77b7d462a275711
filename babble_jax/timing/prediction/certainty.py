"""Computes when an FTO is certain for somebody who only listens.

Axes: I IPUs of one conversation, N FTOs. Times are seconds, float64.

An FTO is certain when the speech that makes it is certain to be an IPU, when the holder before it has been silent for
`merge`, when of IPUs that began at one moment it is certain which ended first, and at level "turn" when all IPUs so
far are certain to be backchannels or not.
"""

import numpy as np

from babble_jax.timing.events import Definitions, FtoLevel, Ipus


def certainty_time(
    units: Ipus, row: np.ndarray, previous: np.ndarray, fto_level: FtoLevel, definitions: Definitions
) -> np.ndarray:
    """Computes when each FTO is certain: [N] seconds; infinite where only later speech would make it so.

    Args:
      units: [I].
      row: [N] int, the IPU that makes the FTO.
      previous: [N] int, the IPU from whose end it is measured.
      fto_level: of the FTOs.
      definitions: of the events.
    """
    time = np.maximum(units.onset[row] + _ipu_delay(definitions), units.end[previous] + definitions.merge)
    time = np.maximum(time, _order_time(units)[row] + definitions.merge)
    if fto_level == "turn":
        time = np.maximum(time, np.maximum.accumulate(_backchannel_time(units, definitions))[row])
    return time


def _ipu_delay(definitions: Definitions) -> float:
    """Returns the seconds from an onset until speech is certain to be an IPU or not: the shortest one and a silence."""
    return definitions.min_ipu + definitions.merge


def _order_time(units: Ipus) -> np.ndarray:
    """Computes when the place of each IPU in the sweep is fixed, [I] seconds: those of one onset go by their ends."""
    n = len(units)
    tied = np.zeros(n, bool)
    tied[1:] = (units.onset[1:] == units.onset[:-1]) & (units.window[1:] == units.window[:-1])
    last = np.append(~tied[1:], True)[:n]  # of its onset: fixed once the one before it has ended
    decides = np.where(last & tied, np.append(0, units.end[:-1])[:n], units.end)
    return np.where(last & ~tied, units.onset, decides)


def _backchannel_time(units: Ipus, definitions: Definitions) -> np.ndarray:
    """Computes when it is certain whether each IPU is a backchannel, [I] seconds.

    An IPU is no candidate from its onset on if its speaker was not silent long enough before it, else from
    when it gets too long, else from when its speaker goes on too soon. If none of these happens it is a
    candidate, which is certain once the isolation after it is over; then it is a backchannel if it lies in
    another's IPU, and else only the next IPU that is no candidate decides. Each of these waits until the speech
    that it rests on is certain to be an IPU or none.
    """
    n = len(units)
    silence_before, next_onset = np.full(n, np.inf), np.full(n, np.inf)
    order = np.lexsort((units.onset, units.speaker, units.window))
    a, b = order[:-1], order[1:]
    same = (units.speaker[a] == units.speaker[b]) & (units.window[a] == units.window[b])
    a, b = a[same], b[same]
    silence_before[b] = np.round(units.onset[b] - units.end[a], 9)
    next_onset[a] = units.onset[b]
    isolation, longest = definitions.backchannel_isolation, definitions.backchannel_max
    late, long = silence_before < isolation, units.duration > longest
    soon = np.round(next_onset - units.end, 9) < isolation
    candidate = ~(late | long | soon)
    times = [units.onset, units.onset + longest, next_onset]
    time = np.select([late, long, soon], times, units.end + isolation) + _ipu_delay(definitions)

    # The next IPU that is no candidate is certain to be the next once all before it are certain.
    running = np.maximum.accumulate(time) if n else time
    mains = np.flatnonzero(~candidate)
    after = np.searchsorted(units.onset[mains], units.onset, "right")
    following = np.append(running[mains], np.inf)[after]
    inside = np.zeros(n, bool)
    for speaker in np.unique(units.speaker):
        own = units.speaker == speaker
        k = np.searchsorted(units.onset[own], units.onset, "left") - 1
        inside |= (k >= 0) & (units.end[own][np.maximum(k, 0)] > units.end) & ~own
    return np.where(candidate & ~inside, np.maximum(time, following), time)
