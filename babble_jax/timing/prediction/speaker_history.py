"""Describes one speaker's speech up to a moment: nothing here looks past it.

Axes: S segments of one speaker, N moments. Times are seconds, float64.

A *spurt* is speech without an own silence of `merge` or more. Unlike an IPU it can be observed as it runs: whether a
segment belongs to the spurt before it or begins one depends only on speech before its own onset, and of a segment
that is not over at a moment only its onset is used. That a spurt is over shows only `merge` seconds after its end.
"""

import dataclasses

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.timing.events.ipu import Definitions, duration


@dataclasses.dataclass(frozen=True, eq=False)
class SpeakerSegments:
    """The segments of one speaker, sorted by onset, with what is decided at the onset of each.

    Attributes:
      onset: [S].
      end: [S], after the onset.
      laughter: [S] bool.
      latest_end: [S], the latest end so far.
      spurt_row: [S] int, the row at which the spurt of this row began.
      earlier_speech: [S], seconds of speech before this row's onset.
    """

    onset: np.ndarray
    end: np.ndarray
    laughter: np.ndarray
    latest_end: np.ndarray
    spurt_row: np.ndarray
    earlier_speech: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class SpeakerHistory:
    """One speaker's past at each of N moments; starts and ends are NaN where the speaker has not spoken yet.

    Attributes:
      end: [N] the end of the last segment, or the moment itself while one runs.
      speaking: [N] bool, whether a segment runs.
      spurt_start: [N] of the last spurt.
      segments: [N] int, number of segments begun in it.
      laughter_segments: [N] int, number of those that are laughter.
      last_duration: [N] seconds of its last segment, so far.
      last_laughter: [N] bool, whether that segment is laughter.
      previous_end: [N] end of the spurt before it.
      previous_start: [N] start of the spurt before it.
      speech: [N] seconds of speech so far.
    """

    end: np.ndarray
    speaking: np.ndarray
    spurt_start: np.ndarray
    segments: np.ndarray
    laughter_segments: np.ndarray
    last_duration: np.ndarray
    last_laughter: np.ndarray
    previous_end: np.ndarray
    previous_start: np.ndarray
    speech: np.ndarray


def segments_by_speaker(conversation: Conversation, definitions: Definitions) -> list[SpeakerSegments]:
    """Sorts the segments of each speaker of a conversation.

    Segments whose end is not after their onset or that are longer than `max_word` are left out.
    """
    result, merge = [], definitions.merge
    length = duration(conversation.onset, conversation.end)
    valid = length > 0
    if definitions.max_word is not None and conversation.unit == "word":
        valid &= length <= definitions.max_word
    for s in range(len(conversation.speakers)):
        own = np.flatnonzero((conversation.speaker == s) & valid)
        # Not by end: which of two that begin together ends first is not decided yet.
        own = own[np.lexsort((conversation.mark[own], conversation.onset[own]))]
        onset, end = np.round(conversation.onset[own], 9), np.round(conversation.end[own], 9)
        latest_end = np.maximum.accumulate(end) if len(end) else end
        silence = duration(latest_end[:-1], onset[1:])
        begins = np.append(True, (silence > 0) & (silence >= merge))[: len(own)]
        first = np.maximum.accumulate(np.where(begins, np.arange(len(own)), 0)) if len(own) else own
        speech = np.append(0, np.cumsum(np.minimum(latest_end[:-1], onset[1:]) - onset[:-1]))[: len(own)]
        laughter = conversation.mark[own] == Mark.LAUGHTER
        result.append(SpeakerSegments(onset, end, laughter, latest_end, first, speech))
    return result


def history_at(segments: SpeakerSegments, moment: np.ndarray) -> SpeakerHistory:
    """Describes a speaker at each moment, [N] seconds, from the segments whose onset lies before it."""
    nan = np.full(len(moment), np.nan)
    if not len(segments.onset):
        false, zero = np.zeros(len(moment), bool), np.zeros(len(moment))
        return SpeakerHistory(nan, false, nan, zero, zero, zero, false, nan, nan, zero)
    count = np.searchsorted(segments.onset, moment, "left")
    some, row = count > 0, np.maximum(count - 1, 0)
    first = segments.spurt_row[row]
    earlier, before = some & (first > 0), np.maximum(first - 1, 0)
    laughs = np.append(0, np.cumsum(segments.laughter))
    last = np.minimum(segments.end[row], moment) - segments.onset[row]
    speech = segments.earlier_speech[row] + np.minimum(segments.latest_end[row], moment) - segments.onset[row]
    return SpeakerHistory(
        end=np.where(some, np.minimum(segments.latest_end[row], moment), np.nan),
        speaking=some & (segments.latest_end[row] > moment),
        spurt_start=np.where(some, segments.onset[first], np.nan),
        segments=np.where(some, row - first + 1, 0),
        laughter_segments=np.where(some, laughs[row + 1] - laughs[first], 0),
        last_duration=np.where(some, last, 0),
        last_laughter=some & segments.laughter[row],
        previous_end=np.where(earlier, segments.latest_end[before], np.nan),
        previous_start=np.where(earlier, segments.onset[segments.spurt_row[before]], np.nan),
        speech=np.where(some, speech, 0),
    )
