"""Pools the events of many conversations, for fits and for `babble events`.

Axes: C conversations, N IPUs of one, M pooled floor-transfer offsets. Times are seconds, float64.
"""

import array
import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.shards import follow
from babble_jax.errors import BabbleError
from babble_jax.timing.events.ipu import DECIMALS, Definitions, ipus
from babble_jax.timing.events.measures import EVENTS, event_durations, is_dialogue
from babble_jax.timing.events.tables import Table, event_tables, to_frames
from babble_jax.timing.events.transfers import FtoLevel, floor_transfers
from babble_jax.timing.events.value_store import ValueStore, summarize_stored_ftos

if TYPE_CHECKING:
    import pandas


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
    conversations: Iterable[Conversation], fto_level: FtoLevel, definitions: Definitions
) -> PooledFtos:
    """Pools the defined FTOs of all conversations.

    Args:
      conversations: [C] of any number of speakers.
      fto_level: "ipu" or "turn" (without backchannels).
      definitions: of the events.
    """
    fto, index, speaker, time = [np.zeros(0)], [np.zeros(0)], [np.zeros(0)], [np.zeros(0)]
    group, time_resolution = [], []
    for c, conversation in enumerate(conversations):
        transfers = floor_transfers(ipus(conversation, definitions), fto_level, definitions)
        fto.append(transfers.fto[transfers.defined])
        index.append(np.full(len(fto[-1]), c))
        speaker.append(transfers.speaker[transfers.defined])
        time.append(transfers.time[transfers.defined])
        group.append(conversation.group)
        time_resolution.append(conversation.time_resolution)
    return PooledFtos(
        fto=np.concatenate(fto),
        conversation=np.concatenate(index).astype(np.int32),
        speaker=np.concatenate(speaker).astype(np.int32),
        time=np.concatenate(time),
        group=tuple(group),
        time_resolution=np.array(time_resolution, np.float64),
    )


@overload
def events(
    conversations: Sequence[Conversation],
    definitions: Definitions | None = None,
    fto_level: FtoLevel = "ipu",
    *,
    tables: None = None,
) -> dict[str, Any]: ...
@overload
def events(
    conversations: Sequence[Conversation],
    definitions: Definitions | None = None,
    fto_level: FtoLevel = "ipu",
    *,
    tables: Literal["numpy"],
    text: bool = False,
) -> dict[str, Table]: ...
@overload
def events(
    conversations: Sequence[Conversation],
    definitions: Definitions | None = None,
    fto_level: FtoLevel = "ipu",
    *,
    tables: Literal["pandas"],
    text: bool = False,
) -> "dict[str, pandas.DataFrame]": ...
def events(
    conversations: Sequence[Conversation],
    definitions: Definitions | None = None,
    fto_level: FtoLevel = "ipu",
    *,
    tables: Literal["numpy", "pandas"] | None = None,
    text: bool = False,
) -> Any:
    """Counts the dialogue events of a corpus: rates, durations and floor-transfer offsets (FTOs); or lists them all.

    Recordings in which fewer than two people are heard are no conversations: they are named apart, and in no rate.

    Args:
      conversations: [C] of any number of speakers.
      definitions: of the events; the standard ones by default.
      fto_level: of the FTOs: "ipu", or "turn" (without backchannels); tables hold both.
      tables: give tables of all events, as `babble events --out` writes them, in place of the counts: "pandas" for data
        frames (needs the extra `tables`), "numpy" for arrays by column.
      text: include the words of IPUs and turns in the tables, of conversations that were read with `text=True`.

    Returns:
      The tables `conversations`, `speakers`, `ipus`, `transitions` and `ftos`, where tables are asked for. Otherwise
      plain JSON values. `conversations`: their number; `hours`: observed; `per_minute` (counts) and
      `seconds_per_minute`: of each event, all speakers together, over the observed time; `fto`: `level`, their number
      `n`, `median`, `mean` and `sd` in seconds, and the shares `below_zero`, `below_200ms` and `above_1s`, None where
      there is no FTO; `median_seconds`: the median duration of each event, None where there is none; `interval`: the
      number of `groups`, and the 95 % intervals over them of `fto_median` and of each of `median_seconds`, None where
      there are fewer than two; `monologues`: names of the recordings left out. Mixed transitions are in no rate.

    Raises:
      BabbleError: another kind of tables; pandas is not installed; or words are asked for, and no conversation has any.
      ValueError: times that are no numbers.

    Examples:
      >>> summary = events(read("corpus").conversations)
      >>> summary["conversations"], summary["fto"]["level"]
      (6, 'ipu')
      >>> ftos = events(read("corpus").conversations, tables="pandas")["ftos"]
      >>> list(ftos.groupby("level")["fto"].median().index)
      ['ipu', 'turn']
    """
    if tables not in (None, "numpy", "pandas"):
        raise BabbleError(f"There are no tables for {tables!r}; choose numpy or pandas.")
    if tables is not None:
        arrays = event_tables(conversations, definitions, text)
        return to_frames(arrays) if tables == "pandas" else arrays
    return _count(conversations, definitions or Definitions(), fto_level, dialogues_only=True)


def count_events(
    conversations: Sequence[Conversation], definitions: Definitions, fto_level: FtoLevel = "ipu"
) -> dict[str, Any]:
    """Counts events as `events` does, but in all conversations, those too in which fewer than two people are heard.

    Args:
      conversations: [C], such as one dialogue of a few seconds.
      definitions: of the events.
      fto_level: of the FTOs.

    Returns:
      The values of `events`, without `monologues`.
    """
    values = _count(conversations, definitions, fto_level)
    return {name: value for name, value in values.items() if name != "monologues"}


def _count(
    conversations: Sequence[Conversation],
    definitions: Definitions,
    fto_level: FtoLevel,
    dialogues_only: bool = False,
) -> dict[str, Any]:
    """Counts events as `events` does, one conversation in memory at a time; with monologues, unless left out."""
    durations, ftos = {name: ValueStore() for name in EVENTS}, ValueStore()
    observed, groups, monologues = 0.0, array.array("Q"), []
    for conversation in follow(conversations, "counting events"):
        units = ipus(conversation, definitions)
        if dialogues_only and not is_dialogue(units):
            monologues.append(conversation.id)
            continue
        groups.append(_hash(conversation.group))
        observed += conversation.seconds
        for name, values in event_durations(units, definitions).items():
            durations[name].add(values)
        transfers = floor_transfers(units, fto_level, definitions)
        ftos.add(transfers.fto[transfers.defined])
    minutes = observed / 60 if observed else np.inf
    distinct, group = np.unique(groups, return_inverse=True)
    medians = {name: values.median_and_interval(group) for name, values in durations.items()}
    return {
        "conversations": len(groups),
        "hours": observed / 3600,
        "per_minute": {name: len(values) / minutes for name, values in durations.items()},
        "seconds_per_minute": {name: values.total / minutes for name, values in durations.items()},
        "fto": {"level": fto_level, **summarize_stored_ftos(ftos)},
        "median_seconds": {name: _round(median) for name, (median, _) in medians.items()},
        "interval": {
            "groups": len(distinct),
            "fto_median": _round_interval(ftos.median_and_interval(group)[1]),
            "median_seconds": {name: _round_interval(interval) for name, (_, interval) in medians.items()},
        },
        "monologues": monologues,
    }


def _hash(group: str) -> int:
    """Hashes the name of a group to 64 bits: of a hundred thousand conversations the names alone take megabytes."""
    return int.from_bytes(
        hashlib.blake2b(group.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


def _round(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, DECIMALS)


def _round_interval(interval: tuple[float, float] | None) -> list[float] | None:
    return interval and [round(bound, DECIMALS) for bound in interval]
