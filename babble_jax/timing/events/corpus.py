"""The events of many conversations together: what the fits take and what `babble events` prints.

Axes: C conversations, N IPUs of one, M pooled offsets. Times are seconds, float64.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events.ipu import Definitions, Ipus, backchannels, ipus
from babble_jax.timing.events.runs import Kind, transitions
from babble_jax.timing.events.transfers import FtoLevel, floor_transfers


@dataclasses.dataclass(frozen=True, eq=False)
class Offsets:
    """The floor-transfer offsets of many conversations, pooled, in the order of conversation and time.

    Attributes:
      value: [M] float64 seconds.
      conversation: [M] int32, indexes `group`.
      speaker: [M] int32, the incoming speaker, numbered within the conversation.
      time: [M] float64 seconds, the onset of the incoming IPU.
      group: one name per conversation; conversations of one group share people.
      time_resolution: [C] float64 seconds to which the source of each conversation rounds its times.
    """

    value: np.ndarray
    conversation: np.ndarray
    speaker: np.ndarray
    time: np.ndarray
    group: tuple[str, ...]
    time_resolution: np.ndarray

    def __len__(self) -> int:
        return len(self.value)


def offsets(conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions) -> Offsets:
    """The defined offsets of all conversations at level "ipu" or "turn"."""
    return _pooled(conversations, [ipus(c, definitions) for c in conversations], fto_level, definitions)


def _pooled(
    conversations: Sequence[Conversation],
    units: Sequence[Ipus],
    fto_level: FtoLevel,
    definitions: Definitions,
) -> Offsets:
    value, index, speaker, time = [np.zeros(0)], [np.zeros(0)], [np.zeros(0)], [np.zeros(0)]
    for c, unit in enumerate(units):
        found = floor_transfers(unit, fto_level, definitions)
        defined = found.defined
        value.append(found.value[defined])
        index.append(np.full(len(value[-1]), c))
        speaker.append(found.speaker[defined])
        time.append(found.time[defined])
    return Offsets(
        value=np.concatenate(value),
        conversation=np.concatenate(index).astype(np.int32),
        speaker=np.concatenate(speaker).astype(np.int32),
        time=np.concatenate(time),
        group=tuple(conversation.group for conversation in conversations),
        time_resolution=np.array(
            [conversation.time_resolution for conversation in conversations], np.float64
        ),
    )


def events(
    conversations: Sequence[Conversation], definitions: Definitions, fto_level: FtoLevel = "ipu"
) -> dict[str, Any]:
    """The table of a corpus, as plain JSON values.

    Returns:
      `conversations`: their number; `hours`: observed; `per_minute` and `seconds_per_minute`: of each event,
      all speakers together, over the observed time; `fto`: the offsets at `fto_level`, in seconds and shares
      (None where there is no offset). Mixed transitions are in no rate.
    """
    units = [ipus(conversation, definitions) for conversation in conversations]
    count = dict.fromkeys(
        ("ipu", *(kind.name.lower() for kind in Kind if kind != Kind.MIXED), "backchannel"), 0
    )
    total = dict.fromkeys(count, 0.0)
    for unit in units:
        found, short = transitions(unit), backchannels(unit, definitions)
        length = found.end - found.start
        parts = {"ipu": unit.duration, "backchannel": unit.duration[short]}
        parts |= {kind.name.lower(): length[found.kind == kind] for kind in Kind if kind != Kind.MIXED}
        for name, lengths in parts.items():
            count[name] += len(lengths)
            total[name] += float(lengths.sum())
    seconds = sum(conversation.seconds for conversation in conversations)
    minutes = seconds / 60 if seconds else np.inf
    return {
        "conversations": len(conversations),
        "hours": seconds / 3600,
        "per_minute": {name: number / minutes for name, number in count.items()},
        "seconds_per_minute": {name: length / minutes for name, length in total.items()},
        "fto": {"level": fto_level, **_fto(_pooled(conversations, units, fto_level, definitions).value)},
    }


def _fto(value: np.ndarray) -> dict[str, Any]:
    names = ("median", "mean", "sd", "below_zero", "below_200ms", "above_1s")
    if not len(value):
        return {"n": 0, **dict.fromkeys(names)}
    shares = [(value < 0).mean(), (value < 0.2).mean(), (value > 1).mean()]
    figures = [np.median(value), value.mean(), value.std(), *shares]
    return {"n": len(value), **{name: float(figure) for name, figure in zip(names, figures, strict=True)}}
