"""Pools the events of many conversations, for fits and for `babble events`.

Axes: C conversations, N IPUs of one, M pooled floor-transfer offsets. Times are seconds, float64.
"""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events.intervals import median_interval
from babble_jax.timing.events.ipu import DECIMALS, Definitions, Ipus, ipus
from babble_jax.timing.events.measures import EVENTS, event_durations, is_dialogue, summarize_fto
from babble_jax.timing.events.tables import Table, event_tables, to_frames
from babble_jax.timing.events.transfers import FtoLevel, floor_transfers

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
    definitions = definitions or Definitions()
    units = [ipus(conversation, definitions) for conversation in conversations]
    dialogue = [is_dialogue(unit) for unit in units]
    return _count(
        list(itertools.compress(conversations, dialogue)),
        list(itertools.compress(units, dialogue)),
        definitions,
        fto_level,
    ) | {"monologues": [c.id for c, two in zip(conversations, dialogue, strict=True) if not two]}


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
    units = [ipus(conversation, definitions) for conversation in conversations]
    return _count(conversations, units, definitions, fto_level)


def _count(
    conversations: Sequence[Conversation],
    units: Sequence[Ipus],
    definitions: Definitions,
    fto_level: FtoLevel,
) -> dict[str, Any]:
    parts = [event_durations(unit, definitions) for unit in units]
    durations = {name: [part[name] for part in parts] for name in EVENTS}
    count = {name: sum(map(len, values)) for name, values in durations.items()}
    total = {name: sum((float(one.sum()) for one in values), 0.0) for name, values in durations.items()}
    observed = sum(conversation.seconds for conversation in conversations)
    minutes = observed / 60 if observed else np.inf
    pooled = _pool_ftos(conversations, units, fto_level, definitions)
    _, group = np.unique(pooled.group, return_inverse=True)
    medians = {
        name: _median(np.concatenate([np.zeros(0), *values]), np.repeat(group, [len(one) for one in values]))
        for name, values in durations.items()
    }
    return {
        "conversations": len(conversations),
        "hours": observed / 3600,
        "per_minute": {name: number / minutes for name, number in count.items()},
        "seconds_per_minute": {name: seconds / minutes for name, seconds in total.items()},
        "fto": {"level": fto_level, **summarize_fto(pooled.fto)},
        "median_seconds": {name: median for name, (median, _) in medians.items()},
        "interval": {
            "groups": len(set(pooled.group)),
            "fto_median": _median(pooled.fto, group[pooled.conversation])[1],
            "median_seconds": {name: interval for name, (_, interval) in medians.items()},
        },
    }


def _median(values: np.ndarray, group: np.ndarray) -> tuple[float | None, list[float] | None]:
    """Computes the median of `values`, [V], and its interval over groups, [V] integers."""
    if not len(values):
        return None, None
    interval = median_interval(values, group)
    return round(float(np.median(values)), DECIMALS), interval and [round(x, DECIMALS) for x in interval]
