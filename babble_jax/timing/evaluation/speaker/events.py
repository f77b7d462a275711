"""Collects the events of one speaker of a conversation: what the speaker does, and what the others do to the speaker.

The others are all the other speakers together. Axes: N IPUs of one conversation. Times are seconds, float64.
"""

import dataclasses
from typing import Literal

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import (
    Definitions,
    FloorTransfers,
    FtoLevel,
    Ipus,
    Kind,
    Transitions,
    backchannels,
    floor_transfers,
    ipus,
    transitions,
)

Actor = Literal["speaker", "others"]

PLANNING = 0.6
"""Seconds that the planning of a word takes at least (Levinson & Torreira 2015); see `cut_ins`."""


@dataclasses.dataclass(frozen=True, eq=False)
class ActorEvents:
    """The events that one actor brings about: the speaker towards the others, or the others towards the speaker.

    Attributes:
      fto: seconds, of the floor transfers to this actor from the other one, in the order of time.
      cut_in: for each pause of the other actor, in the order of time, whether this actor cut in; float64, 0 or 1.
      pause: seconds, durations of the pauses within this actor's turns.
      backchannels: number of the actor's backchannels.
      overlaps_between: number of overlaps in which this actor takes the floor from the other one.
      overlaps_within: number of overlaps in which this actor speaks within a turn of the other one, who goes on.
      speech: seconds in which this actor speaks; of several others at once each second counts once.
      talk: seconds of the actor's IPUs; of several others at once each one's seconds count.
    """

    fto: np.ndarray
    cut_in: np.ndarray
    pause: np.ndarray
    backchannels: int
    overlaps_between: int
    overlaps_within: int
    speech: float
    talk: float


@dataclasses.dataclass(frozen=True, eq=False)
class SpeakerEvents:
    """The events of one speaker in one conversation.

    Attributes:
      actors: events of the speaker and of the others.
      overlap: seconds in which the speaker and at least one other speak.
      seconds: observed.
    """

    actors: dict[Actor, ActorEvents]
    overlap: float
    seconds: float


def speaker_events(
    conversation: Conversation, definitions: Definitions, fto_level: FtoLevel
) -> dict[str, SpeakerEvents]:
    """Collects the events of each speaker of a conversation.

    Args:
      conversation: of any number of speakers.
      definitions: of the events.
      fto_level: of the floor-transfer offsets: "ipu", or "turn" (without backchannels).

    Returns:
      The events by the speaker's name, of those who speak; empty where fewer than two do.
    """
    units = ipus(conversation, definitions)
    active = np.unique(units.speaker)
    if len(active) < 2:
        return {}
    changes = transitions(units)
    short = backchannels(units, definitions)
    transfers = floor_transfers(units, fto_level, definitions)
    cuts, pauses = cut_ins(units, definitions), changes.kind == Kind.PAUSE
    # For each pause, interrupted or not: when it begins, whose it is, and who cut in, -1 for nobody.
    begin = np.concatenate([changes.start[pauses], units.end[cuts[:, 0]]])
    owner = np.concatenate([changes.before[pauses], units.speaker[cuts[:, 0]]])
    who = np.concatenate([np.full(np.count_nonzero(pauses), -1), units.speaker[cuts[:, 1]]])
    order = np.argsort(begin, kind="stable")
    owner, who = owner[order], who[order]

    result = {}
    for own in active:
        mine = units.speaker == own
        onset, end = units.onset[mine], units.end[mine]
        union = _union(units.onset[~mine], units.end[~mine])
        present = _seconds_within(changes.start, changes.end, (onset, end)) > 0
        actors: dict[Actor, ActorEvents] = {
            "speaker": ActorEvents(
                fto=_ftos(transfers, to=mine, since=~mine),
                cut_in=(who[owner != own] == own).astype(np.float64),
                pause=_durations(changes, pauses & (changes.before == own)),
                backchannels=int(np.count_nonzero(short & mine)),
                overlaps_between=_count(changes, Kind.OVERLAP_BETWEEN, changes.after == own),
                overlaps_within=_count(changes, Kind.OVERLAP_WITHIN, (changes.before != own) & present),
                speech=float(units.duration[mine].sum()),
                talk=float(units.duration[mine].sum()),
            ),
            "others": ActorEvents(
                fto=_ftos(transfers, to=~mine, since=mine),
                cut_in=(who[owner == own] >= 0).astype(np.float64),
                pause=_durations(changes, pauses & (changes.before != own)),
                backchannels=int(np.count_nonzero(short & ~mine)),
                overlaps_between=_count(changes, Kind.OVERLAP_BETWEEN, changes.before == own),
                overlaps_within=_count(changes, Kind.OVERLAP_WITHIN, changes.before == own),
                speech=float((union[1] - union[0]).sum()),
                talk=float(units.duration[~mine].sum()),
            ),
        }
        overlap = float(_seconds_within(onset, end, union).sum())
        result[conversation.speakers[own]] = SpeakerEvents(actors, overlap, conversation.seconds)
    return result


def cut_ins(ipus: Ipus, definitions: Definitions) -> np.ndarray:
    """Finds the cut-ins: [M, 2] rows of the IPU before the pause, and of the IPU that cuts in.

    A cut-in is an IPU that begins in the silence after an IPU of another speaker who is not finished: that speaker
    begins again while it lasts, no later than `PLANNING` seconds after its onset. What begins so early was planned
    before the other one was to be heard, so that the silence was a pause in a turn. A backchannel is no cut-in. A
    speaker who gives up after a cut-in leaves no trace, so that the count is a lower bound.

    Args:
      ipus: of one conversation, in the order of the sweep.
      definitions: of the events.

    References: Raux & Eskenazi, A finite-state turn-taking model for spoken dialog systems, NAACL 2009 (the cut-in
      rate of a system, for which it is known where turns end).
    """
    transfers = floor_transfers(ipus, "ipu", definitions)
    row = np.flatnonzero(transfers.defined & (transfers.fto >= 0) & ~backchannels(ipus, definitions))
    before = transfers.previous[row]
    again = np.full(len(ipus), np.inf)  # the next onset of the same speaker in the same window
    for own in np.unique(ipus.speaker):
        mine = np.flatnonzero(ipus.speaker == own)
        near = ipus.window[mine[1:]] == ipus.window[mine[:-1]]
        again[mine[:-1][near]] = ipus.onset[mine[1:][near]]
    begin = again[before]
    # Rounded as all durations are: the difference of decimal times is a decimal.
    planned_before = np.round(begin - ipus.onset[row], 9) <= PLANNING
    selection = planned_before & (begin < ipus.end[row])
    return np.stack([before[selection], row[selection]], axis=1)


def _ftos(transfers: FloorTransfers, to: np.ndarray, since: np.ndarray) -> np.ndarray:
    """Selects the FTOs of IPUs where `to` is true, [N] bool, after IPUs where `since` is true."""
    selection = transfers.defined & to & since[transfers.previous]
    return transfers.fto[selection]


def _durations(changes: Transitions, selection: np.ndarray) -> np.ndarray:
    return np.round(changes.end[selection] - changes.start[selection], 9)


def _count(changes: Transitions, kind: Kind, selection: np.ndarray) -> int:
    return int(np.count_nonzero((changes.kind == kind) & selection))


def _union(onset: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Merges intervals that overlap or touch, sorted by onset; returns their onsets and ends."""
    reach = np.maximum.accumulate(end)
    first = np.append(True, onset[1:] > reach[:-1])
    return onset[first], reach[np.append(first[1:], True)]


def _seconds_within(onset: np.ndarray, end: np.ndarray, union: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Measures the seconds of each interval within a union of disjoint intervals, sorted by onset."""
    points = np.stack(union, axis=1).ravel()
    length = union[1] - union[0]
    total = np.repeat(np.cumsum(length), 2)
    total[::2] -= length
    return np.round(np.interp(end, points, total) - np.interp(onset, points, total), 9)
