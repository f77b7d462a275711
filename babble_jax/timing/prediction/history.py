"""Gathers what a prediction may use before each FTO: the views from which the modes of prediction are made.

Axes: N FTOs of one conversation, F columns of covariates. Times are seconds, float64.

All modes predict the FTO y of a *taker* from the end E of the *holder's* last IPU, on the premise that E is
an end after which the floor passes to the taker: without it there is no FTO. How likely it is that an end is
one is the floor model's question.

- *Descriptive*: from all that was over by E, so the holder's IPU itself, and the earlier FTOs as the
  definitions give them; of the taker everything up to E but the coming turn.
- *Causal*: from what an agent can observe when it decides, from raw segments; the 200 ms after which an IPU is
  certain to be over and the later silence that makes a backchannel are not observed. There are two decisions:

  1. at the first frame of the holder's IPU: when to start *in overlap* (y < 0), if at all. Of that IPU
     only its onset is observed, not its length; of the taker all up to that frame;
  2. at E, where the taker has not started (y >= 0): after how much silence to start. The raw speech of both
     up to E is observed. That the holder will stay silent is the premise.

  An earlier FTO counts, for the filter and as a covariate, once it is certain (`certainty`).

The *earliest* possible FTO is where support begins: the holder's IPU began first, and the taker's last IPU
ended at least `merge` before. In the causal mode the second decision uses it, and the first does not.

`max_word` is taken for a repair of the annotation: where it is set, longer words are dropped in all views,
although their length shows only as they pass it.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, FtoLevel, Ipus, floor_transfers, ipus
from babble_jax.timing.prediction.certainty import certainty_time
from babble_jax.timing.prediction.covariates import EarlierOffsets, compute_covariates
from babble_jax.timing.prediction.speaker_history import (
    SpeakerHistory,
    SpeakerSegments,
    history_at,
    segments_by_speaker,
)


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """The past of N FTOs at one kind of moment.

    Attributes:
      covariates: [N, F] float32.
      history_length: [N] int, how many of the conversation's first FTOs count.
    """

    covariates: np.ndarray
    history_length: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Histories:
    """The FTOs of a conversation with the past before each.

    Attributes:
      fto: [N] seconds.
      speaker: [N] int32, the taker.
      earliest: [N] seconds, the least FTO that is possible.
      over: the descriptive view.
      onset: the causal view at the first frame of the holder's IPU.
      end: the causal view at E; of use where y >= 0.
    """

    fto: np.ndarray
    speaker: np.ndarray
    earliest: np.ndarray
    over: View
    onset: View
    end: View


def build_histories(conversation: Conversation, fto_level: FtoLevel, definitions: Definitions) -> Histories:
    """Gathers the past before all FTOs of one conversation, in the order of onset.

    Args:
      conversation: with segments of raw speech.
      fto_level: of the FTOs.
      definitions: of the events.
    """
    units = ipus(conversation, definitions)
    transfers = floor_transfers(units, fto_level, definitions)
    row = np.flatnonzero(transfers.defined)
    previous, taker = transfers.previous[row], transfers.speaker[row]
    holder, window = units.speaker[previous], units.window[row]
    start, end = units.onset[previous], units.end[previous]
    certainty = certainty_time(units, row, previous, fto_level, definitions)
    segments = segments_by_speaker(conversation, definitions)
    window_start = np.round(conversation.windows[:, 0], 9)[window] if len(row) else np.zeros(0)

    last = _last_end(units, taker, end)
    earliest = np.maximum(start, last + definitions.merge) - end

    def view(moment: np.ndarray, taker_moment: np.ndarray, history_length: np.ndarray) -> View:
        earlier = _earlier_offsets(transfers.fto[row], taker, transfers.time[row], holder, history_length)
        histories = _history_of(segments, holder, moment), _history_of(segments, taker, taker_moment)
        return View(compute_covariates(moment, window_start, *histories, earlier), history_length)

    return Histories(
        transfers.fto[row],
        taker,
        earliest,
        over=view(end, np.minimum(end, transfers.time[row]), np.arange(len(row))),
        onset=view(start, start, _certain_count(certainty, start)),
        end=view(end, end, _certain_count(certainty, end)),
    )


def causal_covariates(
    conversation: Conversation,
    definitions: Definitions,
    moment: float,
    holder: int,
    taker: int,
    earlier: Sequence[tuple[float, int, float]] = (),
) -> np.ndarray:
    """Computes the covariates of the causal views at one moment of a running conversation: [F].

    Only speech before `moment` counts; a segment that is running may have any end after it.

    Args:
      conversation: so far.
      definitions: of the events.
      moment: seconds: the onset of the holder's IPU, or the end of its speech.
      holder: who has the floor.
      taker: whose FTO is to be predicted.
      earlier: FTO, speaker and onset of the FTOs that are certain by then, in the order of onset.
    """
    at, n = np.array([moment]), len(earlier)
    segments = segments_by_speaker(conversation, definitions)
    fto, speaker, onset = (np.array([row[i] for row in earlier] + [0.0]) for i in range(3))
    speaker = speaker.astype(np.int32)
    takers = np.where(np.arange(n + 1) == n, taker, speaker)
    past = _earlier_offsets(fto, takers, onset, np.full(n + 1, holder), np.full(n + 1, n))
    past = EarlierOffsets(past.holder[-1:], past.taker[-1:], past.turn_start[-1:])
    window_start = np.round(conversation.windows[:, 0], 9)
    window_start = window_start[np.maximum(np.searchsorted(window_start, at, "right") - 1, 0)]
    past_of_holder = _history_of(segments, np.array([holder]), at)
    past_of_taker = _history_of(segments, np.array([taker]), at)
    return compute_covariates(at, window_start, past_of_holder, past_of_taker, past)[0]


def _history_of(
    segments: Sequence[SpeakerSegments], speaker: np.ndarray, moment: np.ndarray
) -> SpeakerHistory:
    """Describes speaker `speaker`, [N], up to `moment`, [N] seconds."""
    parts = [history_at(one, moment) for one in segments]
    return SpeakerHistory(
        **{
            field.name: np.stack([getattr(part, field.name) for part in parts])[
                speaker, np.arange(len(speaker))
            ]
            for field in dataclasses.fields(SpeakerHistory)
        }
    )


def _last_end(units: Ipus, speaker: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Finds the end of the last IPU of `speaker`, [N], that ended by `moment`, [N]; minus infinity where none did."""
    result = np.full(len(speaker), -np.inf)
    for s in np.unique(speaker):
        ends, own = np.sort(units.end[units.speaker == s]), speaker == s
        count = np.searchsorted(ends, moment[own], "right")
        result[own] = np.where(count > 0, ends[np.maximum(count - 1, 0)], -np.inf)
    return result


def _certain_count(certainty: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Counts the first FTOs that are all certain by each moment, [N], never one that is not before the predicted."""
    return np.minimum(
        np.searchsorted(np.maximum.accumulate(certainty), moment, "right"), np.arange(len(moment))
    )


def _earlier_offsets(
    fto: np.ndarray, speaker: np.ndarray, onset: np.ndarray, holder: np.ndarray, history_length: np.ndarray
) -> EarlierOffsets:
    """Finds the last FTOs of holder and taker before each FTO.

    Args:
      fto: [N] seconds.
      speaker: [N] int, the taker.
      onset: [N] seconds, when the taker began.
      holder: [N] int.
      history_length: [N] int, how many of the first FTOs count.
    """
    n = len(fto)
    result = {}
    for name, who in (("holder", holder), ("taker", speaker)):
        last = np.full(n, -1)
        for s in np.unique(who):
            last_own = np.append(-1, np.maximum.accumulate(np.where(speaker == s, np.arange(n), -1)))
            last = np.where(who == s, last_own[history_length], last)
        result[name] = np.where(last >= 0, fto[last], np.nan)
    newest = np.maximum(history_length - 1, 0)
    holds = (history_length > 0) & (speaker[newest] == holder) if n else np.zeros(0, bool)
    return EarlierOffsets(result["holder"], result["taker"], np.where(holds, onset[newest], np.nan))
