"""What is known before each offset, and when: the views from which the modes of prediction are made.

Axes: N offsets of one conversation, I IPUs, F columns of covariates. Times are seconds, float64.

All modes predict the offset y of a *taker* from the end E of the *holder's* last IPU, on the premise that E is
an end after which the floor passes to the taker: without it there is no offset. How likely it is that an end is
one is the floor model's question.

- *Descriptive*: given all that was over by E, so the holder's IPU itself, and the earlier offsets as the
  definitions give them; of the taker everything up to E but the coming turn.
- *Causal*: given what an agent can see when it decides, from raw segments; the 200 ms after which an IPU is
  known to be over and the later silence that makes a backchannel are not seen. There are two decisions:

  1. at the first frame of the holder's IPU: when to start *in overlap* (y < 0), if at all. Of that IPU
     nothing is known but that it begins, not its length; of the taker all up to that frame;
  2. at E, where the taker has not started (y >= 0): after how much silence to start. The raw speech of both
     up to E is known. That the holder will stay silent is the premise.

  An earlier offset counts, for the filter and as a covariate, once it is certain (`certain`): when what made
  it is known to be an IPU, when the holder before it has been silent for `merge`, when of those that began at one
  moment it is known which ended first, and at level "turn" when all IPUs so far are known to be backchannels or not.

The *earliest* possible offset is where support begins: the holder's IPU began first, and the taker's last IPU
ended at least `merge` before. In the causal mode the second decision knows it, and the first does not use it.

`max_word` is taken for a repair of the annotation: where it is set, longer words are dropped in all views,
although their length shows only as they pass it.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, FtoLevel, Ipus, floor_transfers, ipus
from babble_jax.timing.prediction.covariates import Earlier, covariates
from babble_jax.timing.prediction.speaker_history import Speaker, SpeakerHistory, heard, speakers


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """What is known at one kind of moment.

    Attributes:
      covariates: [N, F] float32.
      known: [N] int, how many of the conversation's first offsets.
    """

    covariates: np.ndarray
    known: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Histories:
    """The offsets of a conversation with what was known before each.

    Attributes:
      value: [N] seconds.
      side: [N] int32, the taker.
      earliest: [N] seconds, the least offset that is possible.
      over: the descriptive view.
      onset: the causal view at the first frame of the holder's IPU.
      end: the causal view at E; of use where y >= 0.
    """

    value: np.ndarray
    side: np.ndarray
    earliest: np.ndarray
    over: View
    onset: View
    end: View


def histories(conversation: Conversation, fto_level: FtoLevel, definitions: Definitions) -> Histories:
    """All offsets of one conversation, in the order of onset."""
    units = ipus(conversation, definitions)
    found = floor_transfers(units, fto_level, definitions)
    row = np.flatnonzero(found.defined)
    previous, side = found.previous[row], found.speaker[row]
    holder, window = units.speaker[previous], units.window[row]
    start, end = units.onset[previous], units.end[previous]
    sure = certain(units, row, previous, fto_level, definitions)
    sides = speakers(conversation, definitions)
    opened = np.round(conversation.windows[:, 0], 9)[window] if len(row) else np.zeros(0)

    last = _last_end(units, side, end)
    earliest = np.maximum(start, last + definitions.merge) - end

    def view(moment: np.ndarray, cut: np.ndarray, known: np.ndarray) -> View:
        earlier = _earlier(found.value[row], side, found.time[row], holder, known)
        heards = _heard(sides, holder, moment), _heard(sides, side, cut)
        return View(covariates(moment, opened, *heards, earlier), known)

    return Histories(
        found.value[row],
        side,
        earliest,
        over=view(end, np.minimum(end, found.time[row]), np.arange(len(row))),
        onset=view(start, start, _prefix(sure, start)),
        end=view(end, end, _prefix(sure, end)),
    )


def seen(
    conversation: Conversation,
    definitions: Definitions,
    moment: float,
    holder: int,
    taker: int,
    earlier: Sequence[tuple[float, int, float]] = (),
) -> np.ndarray:
    """[F] the covariates of the causal views at one moment of a running conversation.

    Only what lies before `moment` counts; a segment that is running may be given any end after it.

    Args:
      conversation: as far as it is known.
      definitions: of the events.
      moment: seconds: the onset of the holder's IPU, or the end of its speech.
      holder: who has the floor.
      taker: whose offset is to be predicted.
      earlier: value, speaker and onset of the offsets that are certain by then, in the order of onset.
    """
    at, n = np.array([moment]), len(earlier)
    sides = speakers(conversation, definitions)
    value, side, onset = (np.array([row[i] for row in earlier] + [0.0]) for i in range(3))
    side = side.astype(np.int32)
    last = np.full(n + 1, n)
    past = _earlier(value, np.where(np.arange(n + 1) == n, taker, side), onset, np.full(n + 1, holder), last)
    past = Earlier(past.holder[-1:], past.taker[-1:], past.turn_start[-1:])
    opened = np.round(conversation.windows[:, 0], 9)
    opened = opened[np.maximum(np.searchsorted(opened, at, side="right") - 1, 0)]
    heards = _heard(sides, np.array([holder]), at), _heard(sides, np.array([taker]), at)
    return covariates(at, opened, *heards, past)[0]


def _heard(sides: Sequence[Speaker], who: np.ndarray, moment: np.ndarray) -> SpeakerHistory:
    """What speaker `who`, [N], was heard to do up to `moment`, [N]."""
    parts = [heard(speaker, moment) for speaker in sides]
    return SpeakerHistory(
        **{
            field.name: np.stack([getattr(part, field.name) for part in parts])[who, np.arange(len(who))]
            for field in dataclasses.fields(SpeakerHistory)
        }
    )


def _last_end(units: Ipus, side: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """[N] end of the last IPU of speaker `side` that ended by `moment`; minus infinity where there is none."""
    result = np.full(len(side), -np.inf)
    for s in np.unique(side):
        ends, own = np.sort(units.end[units.speaker == s]), side == s
        count = np.searchsorted(ends, moment[own], side="right")
        result[own] = np.where(count > 0, ends[np.maximum(count - 1, 0)], -np.inf)
    return result


def _prefix(sure: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """[N] how many first offsets are all certain by each moment, never one that is not before the predicted."""
    return np.minimum(
        np.searchsorted(np.maximum.accumulate(sure), moment, side="right"), np.arange(len(moment))
    )


def _earlier(
    value: np.ndarray, side: np.ndarray, onset: np.ndarray, holder: np.ndarray, known: np.ndarray
) -> Earlier:
    """The last of the first `known` offsets that holder and taker made."""
    n = len(value)
    result = {}
    for name, who in (("holder", holder), ("taker", side)):
        last = np.full(n, -1)
        for s in np.unique(who):
            made = np.append(-1, np.maximum.accumulate(np.where(side == s, np.arange(n), -1)))
            last = np.where(who == s, made[known], last)
        result[name] = np.where(last >= 0, value[last], np.nan)
    newest = np.maximum(known - 1, 0)
    holds = (known > 0) & (side[newest] == holder) if n else np.zeros(0, bool)
    return Earlier(result["holder"], result["taker"], np.where(holds, onset[newest], np.nan))


def certain(
    units: Ipus, row: np.ndarray, previous: np.ndarray, fto_level: FtoLevel, definitions: Definitions
) -> np.ndarray:
    """[N] when each offset is certain for who only hears; infinite where later speech would be needed.

    Args:
      units: [I].
      row: [N], the IPU that makes the offset.
      previous: [N], the one from whose end it is taken.
      fto_level: of the offsets.
      definitions: of the events.
    """
    sure = np.maximum(units.onset[row] + _settles(definitions), units.end[previous] + definitions.merge)
    sure = np.maximum(sure, _ordered(units)[row] + definitions.merge)
    if fto_level == "turn":
        sure = np.maximum(sure, np.maximum.accumulate(_judged(units, definitions))[row])
    return sure


def _settles(definitions: Definitions) -> float:
    """How long after its onset it is known whether speech is an IPU: the shortest one, and a silence in it."""
    return definitions.min_ipu + definitions.merge


def _ordered(units: Ipus) -> np.ndarray:
    """[I] when the place of each IPU in the sweep is fixed: those of one onset go by their ends."""
    n = len(units)
    tied = np.zeros(n, bool)
    tied[1:] = (units.onset[1:] == units.onset[:-1]) & (units.window[1:] == units.window[:-1])
    last = np.append(~tied[1:], True)[:n]  # of its onset: fixed once the one before it has ended
    decides = np.where(last & tied, np.append(0, units.end[:-1])[:n], units.end)
    return np.where(last & ~tied, units.onset, decides)


def _judged(units: Ipus, definitions: Definitions) -> np.ndarray:
    """[I] when it is known of each IPU whether it is a backchannel.

    An IPU is no candidate from its onset on if its speaker was not silent long enough before it, else from
    when it gets too long, else from when its speaker goes on too soon. If none of these happens it is a
    candidate, known once the isolation after it is over; then it is a backchannel if it lies in another's
    IPU, and else only the next IPU that is no candidate decides. Each of these waits until the speech that it
    rests on is known to be an IPU or none.
    """
    n = len(units)
    silence_before, next_onset = np.full(n, np.inf), np.full(n, np.inf)
    order = np.lexsort((units.onset, units.speaker, units.window))
    a, b = order[:-1], order[1:]
    joined = (units.speaker[a] == units.speaker[b]) & (units.window[a] == units.window[b])
    a, b = a[joined], b[joined]
    silence_before[b] = np.round(units.onset[b] - units.end[a], 9)
    next_onset[a] = units.onset[b]
    least, most = definitions.backchannel_isolation, definitions.backchannel_max
    isolated = units.end + least
    late, long = silence_before < least, units.duration > most
    soon = np.round(next_onset - units.end, 9) < least
    candidate = ~(late | long | soon)
    status = np.select([late, long, soon], [units.onset, units.onset + most, next_onset], isolated)
    status = status + _settles(definitions)

    # The next IPU that is no candidate is known to be the next once all before it are known.
    running = np.maximum.accumulate(status) if n else status
    mains = np.flatnonzero(~candidate)
    after = np.searchsorted(units.onset[mains], units.onset, side="right")
    following = np.append(running[mains], np.inf)[after]
    inside = np.zeros(n, bool)
    for other in np.unique(units.speaker):
        theirs = units.speaker == other
        k = np.searchsorted(units.onset[theirs], units.onset, side="left") - 1
        inside |= (k >= 0) & (units.end[theirs][np.maximum(k, 0)] > units.end) & ~theirs
    return np.where(candidate & ~inside, np.maximum(status, following), status)
