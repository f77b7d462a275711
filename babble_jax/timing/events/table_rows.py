"""Computes the rows of a conversation and of its speakers: counts, seconds, rates, medians and shares.

Axes: N IPUs of one conversation, V events of one kind, M floor-transfer offsets (FTOs). Times are seconds, float64.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events.ipu import Ipus
from babble_jax.timing.events.measures import EVENTS, summarize_fto
from babble_jax.timing.events.runs import Kind, Transitions, runs
from babble_jax.timing.events.transfers import FtoLevel

Row = dict[str, Any]
Ftos = Mapping[FtoLevel, tuple[np.ndarray, np.ndarray]]
"""By level the FTOs, [M] seconds, and their incoming speakers, [M] int32."""

_SOLO, _MANY = 1, -1  # states of `runs`: from 1 on one speaker alone


def conversation_row(
    conversation: Conversation, units: Ipus, durations: Mapping[str, np.ndarray], ftos: Ftos
) -> Row:
    """Computes the row of a conversation, without its name.

    Args:
      conversation: of at least two speakers who have an IPU.
      units: its IPUs.
      durations: [V] seconds of each kind of event.
      ftos: of the conversation.
    """
    state, start, _ = runs(units)
    length = np.diff(start, append=start[-1:])  # the last run is of nobody
    solo, overlap = float(length[state >= _SOLO].sum()), float(length[state == _MANY].sum())
    seconds = conversation.seconds
    row = {
        "corpus": conversation.corpus,
        "group": conversation.group,
        "language": conversation.language or "",
        "unit": conversation.unit,
        "time_resolution": conversation.time_resolution,
        "speakers": len(np.unique(units.speaker)),
        "windows": len(conversation.windows),
        "seconds": seconds,
        "silence_share": 1 - (solo + overlap) / seconds,
        "solo_share": solo / seconds,
        "overlap_share": overlap / seconds,
    }
    row |= _event_values(durations, seconds)
    for fto_level, (fto, _) in ftos.items():
        row |= _fto_values(fto, fto_level)
    return row


def speaker_rows(
    conversation: Conversation,
    units: Ipus,
    between_solos: Transitions,
    durations: Mapping[str, np.ndarray],
    backchannel: np.ndarray,
    ftos: Ftos,
) -> list[Row]:
    """Computes the rows of those speakers of a conversation who have an IPU, without the conversation's name.

    A pause and an overlap within are of the speaker who goes on, a gap and an overlap between of the one who takes the
    floor: both are the speaker of the solo after.

    Args:
      conversation: of at least two speakers who have an IPU.
      units: [N] its IPUs.
      between_solos: its transitions.
      durations: [V] seconds of each kind of event.
      backchannel: [N] bool, true for the IPUs that are backchannels.
      ftos: of the conversation.
    """
    speakers = {
        "ipu": units.speaker,
        **{
            kind.name.lower(): between_solos.after[between_solos.kind == kind]
            for kind in Kind
            if kind != Kind.MIXED
        },
        "backchannel": units.speaker[backchannel],
    }
    seconds, speech = conversation.seconds, float(durations["ipu"].sum())
    rows = []
    for s in np.unique(units.speaker):
        own = {event: durations[event][speakers[event] == s] for event in EVENTS}
        speaking = float(own["ipu"].sum())
        row: Row = {
            "speaker": units.speakers[s],
            "seconds": seconds,
            "speech_share": speaking / seconds,
            "share_of_speech": speaking / speech,
        }
        row |= _event_values(own, seconds)
        for fto_level, (fto, incoming) in ftos.items():
            row |= _fto_values(fto[incoming == s], fto_level)
        rows.append(row)
    return rows


def _event_values(durations: Mapping[str, np.ndarray], seconds: float) -> Row:
    """Computes the columns of each event from its durations, [V], and the observed time, both in seconds."""
    row: Row = {}
    for event in EVENTS:
        length = durations[event]
        total = float(length.sum())
        row[f"{event}_count"] = len(length)
        row[f"{event}_seconds"] = total
        row[f"{event}_per_minute"] = len(length) / seconds * 60
        row[f"{event}_seconds_per_minute"] = total / seconds * 60
        row[f"{event}_median"] = float(np.median(length)) if len(length) else None
    return row


def _fto_values(fto: np.ndarray, fto_level: FtoLevel) -> Row:
    return {f"fto_{fto_level}_{name}": value for name, value in summarize_fto(fto).items()}
