"""Pools the events of many conversations, for fits and for `babble events`.

Axes: C conversations, N IPUs of one, M pooled floor-transfer offsets. Times are seconds, float64.
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
class PooledFtos:
    """The floor-transfer offsets (FTOs) of many conversations, in the order of conversation and time.

    Attributes:
      fto: [M] float64 seconds.
      conversation: [M] int32, indexes `group`.
      speaker: [M] int32, the incoming speaker, numbered within the conversation.
      time: [M] float64 seconds, the onset of the incoming IPU.
      group: one name per conversation; conversations of one group share people.
      time_resolution: [C] float64 seconds to which the source of each conversation rounds its times.
    """

    fto: np.ndarray
    conversation: np.ndarray
    speaker: np.ndarray
    time: np.ndarray
    group: tuple[str, ...]
    time_resolution: np.ndarray

    def __len__(self) -> int:
        return len(self.fto)


def pool_ftos(
    conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions
) -> PooledFtos:
    """Pools the defined FTOs of all conversations.

    Args:
      conversations: [C] of any number of speakers.
      fto_level: "ipu" or "turn" (without backchannels).
      definitions: of the events.
    """
    units = [ipus(conversation, definitions) for conversation in conversations]
    return _pool_ftos(conversations, units, fto_level, definitions)


def _pool_ftos(
    conversations: Sequence[Conversation],
    units: Sequence[Ipus],
    fto_level: FtoLevel,
    definitions: Definitions,
) -> PooledFtos:
    fto, index, speaker, time = [np.zeros(0)], [np.zeros(0)], [np.zeros(0)], [np.zeros(0)]
    for c, unit in enumerate(units):
        transfers = floor_transfers(unit, fto_level, definitions)
        fto.append(transfers.fto[transfers.defined])
        index.append(np.full(len(fto[-1]), c))
        speaker.append(transfers.speaker[transfers.defined])
        time.append(transfers.time[transfers.defined])
    return PooledFtos(
        fto=np.concatenate(fto),
        conversation=np.concatenate(index).astype(np.int32),
        speaker=np.concatenate(speaker).astype(np.int32),
        time=np.concatenate(time),
        group=tuple(conversation.group for conversation in conversations),
        time_resolution=np.array(
            [conversation.time_resolution for conversation in conversations], np.float64
        ),
    )


def events(
    conversations: Sequence[Conversation],
    definitions: Definitions | None = None,
    fto_level: FtoLevel = "ipu",
) -> dict[str, Any]:
    """Counts the dialogue events of a corpus: rates, durations and floor-transfer offsets (FTOs).

    Args:
      conversations: [C] of any number of speakers.
      definitions: of the events; the standard ones by default.
      fto_level: of the FTOs: "ipu", or "turn" (without backchannels).

    Returns:
      Plain JSON values. `conversations`: their number; `hours`: observed; `per_minute` (counts) and
      `seconds_per_minute`: of each event, all speakers together, over the observed time; `fto`: `level`, their number
      `n`, `median`, `mean` and `sd` in seconds, and the shares `below_zero`, `below_200ms` and `above_1s`, None where
      there is no FTO. Mixed transitions are in no rate.

    Raises:
      ValueError: times that are no numbers.

    Examples:
      >>> summary = events(read("corpus").conversations)
      >>> summary["conversations"], summary["fto"]["level"]
      (6, 'ipu')
    """
    definitions = definitions or Definitions()
    units = [ipus(conversation, definitions) for conversation in conversations]
    count = dict.fromkeys(
        ("ipu", *(kind.name.lower() for kind in Kind if kind != Kind.MIXED), "backchannel"), 0
    )
    total = dict.fromkeys(count, 0.0)
    for unit in units:
        between_solos = transitions(unit)
        length = between_solos.end - between_solos.start
        durations = {"ipu": unit.duration, "backchannel": unit.duration[backchannels(unit, definitions)]}
        durations |= {
            kind.name.lower(): length[between_solos.kind == kind] for kind in Kind if kind != Kind.MIXED
        }
        for name, seconds in durations.items():
            count[name] += len(seconds)
            total[name] += float(seconds.sum())
    observed = sum(conversation.seconds for conversation in conversations)
    minutes = observed / 60 if observed else np.inf
    fto = _pool_ftos(conversations, units, fto_level, definitions).fto
    return {
        "conversations": len(conversations),
        "hours": observed / 3600,
        "per_minute": {name: number / minutes for name, number in count.items()},
        "seconds_per_minute": {name: seconds / minutes for name, seconds in total.items()},
        "fto": {"level": fto_level, **_summarize(fto)},
    }


def _summarize(fto: np.ndarray) -> dict[str, Any]:
    """Computes number, moments and shares of `fto`, [M] seconds."""
    names = ("median", "mean", "sd", "below_zero", "below_200ms", "above_1s")
    if not len(fto):
        return {"n": 0, **dict.fromkeys(names)}
    shares = [(fto < 0).mean(), (fto < 0.2).mean(), (fto > 1).mean()]
    statistics = [np.median(fto), fto.mean(), fto.std(), *shares]
    return {"n": len(fto), **{name: float(value) for name, value in zip(names, statistics, strict=True)}}
