"""What one speaker was heard to do up to a moment: nothing here looks past it.

Axes: S segments of one speaker, N moments. Times are seconds, float64.

A *spurt* is speech without an own silence of `merge` or more. Unlike an IPU it is known as it runs: a segment
belongs to the spurt before it or begins one by what lies before its own onset, and of a segment that is not
over at a moment only its onset is used. That a spurt is over shows only `merge` seconds after its end.
"""

import dataclasses

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.timing.events.ipu import Definitions, duration


@dataclasses.dataclass(frozen=True, eq=False)
class Speaker:
    """The segments of one speaker, sorted by onset, and what can be said at the onset of each.

    Attributes:
      onset: [S].
      end: [S], after the onset.
      laughter: [S] bool.
      reach: [S], the latest end so far.
      first: [S] int, the row at which the spurt of this row began.
      spoken: [S], seconds of speech before this row's onset.
    """

    onset: np.ndarray
    end: np.ndarray
    laughter: np.ndarray
    reach: np.ndarray
    first: np.ndarray
    spoken: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class SpeakerHistory:
    """One speaker at each of N moments; where nothing was heard yet, starts and ends are NaN.

    Attributes:
      end: the end of the last segment, or the moment itself while one runs.
      speaking: bool, whether one runs.
      start: of the last spurt.
      segments: begun in it.
      laughed: of these, laughter.
      last: seconds of its last segment, so far.
      last_laughter: bool, whether that is laughter.
      before_end: end of the spurt before it.
      before_start: start of the spurt before it.
      spoken: seconds of speech so far.
    """

    end: np.ndarray
    speaking: np.ndarray
    start: np.ndarray
    segments: np.ndarray
    laughed: np.ndarray
    last: np.ndarray
    last_laughter: np.ndarray
    before_end: np.ndarray
    before_start: np.ndarray
    spoken: np.ndarray


def speakers(conversation: Conversation, definitions: Definitions) -> list[Speaker]:
    """Each speaker of a conversation, without segments whose end is not after their onset or that are longer
    than `max_word`.
    """
    result, merge = [], definitions.merge
    length = duration(conversation.onset, conversation.end)
    kept = length > 0
    if definitions.max_word is not None and conversation.unit == "word":
        kept &= length <= definitions.max_word
    for s in range(len(conversation.speakers)):
        own = np.flatnonzero((conversation.speaker == s) & kept)
        # Not by end: which of two that begin together ends first is not known yet.
        own = own[np.lexsort((conversation.mark[own], conversation.onset[own]))]
        onset, end = np.round(conversation.onset[own], 9), np.round(conversation.end[own], 9)
        reach = np.maximum.accumulate(end) if len(end) else end
        silence = duration(reach[:-1], onset[1:])
        begins = np.append(True, (silence > 0) & (silence >= merge))[: len(own)]
        first = np.maximum.accumulate(np.where(begins, np.arange(len(own)), 0)) if len(own) else own
        spoken = np.append(0, np.cumsum(np.minimum(reach[:-1], onset[1:]) - onset[:-1]))[: len(own)]
        laughter = conversation.mark[own] == Mark.LAUGHTER
        result.append(Speaker(onset, end, laughter, reach, first, spoken))
    return result


def heard(speaker: Speaker, moment: np.ndarray) -> SpeakerHistory:
    """What is known at each moment, [N]: of segments whose onset lies before it."""
    nothing = np.full(len(moment), np.nan)
    if not len(speaker.onset):
        none, zero = np.zeros(len(moment), bool), np.zeros(len(moment))
        return SpeakerHistory(nothing, none, nothing, zero, zero, zero, none, nothing, nothing, zero)
    count = np.searchsorted(speaker.onset, moment, side="left")
    any_, row = count > 0, np.maximum(count - 1, 0)
    first = speaker.first[row]
    earlier, before = any_ & (first > 0), np.maximum(first - 1, 0)
    laughs = np.append(0, np.cumsum(speaker.laughter))
    last = np.minimum(speaker.end[row], moment) - speaker.onset[row]
    return SpeakerHistory(
        end=np.where(any_, np.minimum(speaker.reach[row], moment), np.nan),
        speaking=any_ & (speaker.reach[row] > moment),
        start=np.where(any_, speaker.onset[first], np.nan),
        segments=np.where(any_, row - first + 1, 0),
        laughed=np.where(any_, laughs[row + 1] - laughs[first], 0),
        last=np.where(any_, last, 0),
        last_laughter=any_ & speaker.laughter[row],
        before_end=np.where(earlier, speaker.reach[before], np.nan),
        before_start=np.where(earlier, speaker.onset[speaker.first[before]], np.nan),
        spoken=np.where(
            any_, speaker.spoken[row] + np.minimum(speaker.reach[row], moment) - speaker.onset[row], 0
        ),
    )
