"""Gives every event of a corpus as tables of columns: conversations, speakers, IPUs, transitions and FTOs.

`columns` describes the columns. A column is an array [R] of one value per row: float64 rounded to nanoseconds, int64,
bool, or objects that are str.

Axes: R rows of a table, N IPUs of one conversation.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.events.columns import BOOLEAN, COUNT, TABLES, TEXT, table_columns
from babble_jax.timing.events.ipu import DECIMALS, Definitions, Ipus, backchannels, duration, ipus
from babble_jax.timing.events.measures import event_durations, is_dialogue
from babble_jax.timing.events.runs import Kind, transitions
from babble_jax.timing.events.table_rows import conversation_row, speaker_rows
from babble_jax.timing.events.transfers import FtoLevel, Reason, floor_transfers
from babble_jax.timing.events.turns import turns
from babble_jax.timing.events.words import ipu_words, turn_words

if TYPE_CHECKING:
    import pandas

Table = dict[str, np.ndarray]
"""Columns by name, each [R]."""

_BATCH = 512  # conversations
_LEVELS: tuple[FtoLevel, ...] = get_args(FtoLevel)
_KINDS = np.array([kind.name.lower() for kind in Kind], object)
_REASONS = np.array([reason.name.lower() for reason in Reason], object)


def event_tables(
    conversations: Sequence[Conversation], definitions: Definitions | None = None, text: bool = False
) -> dict[str, Table]:
    """Gives all events of a corpus as tables, as `babble events --out` writes them.

    Recordings in which fewer than two people are heard are no conversations, and in no table. Both levels of
    floor-transfer offsets (FTOs) are in the table `ftos`, told apart by its column `level`.

    Args:
      conversations: of any number of speakers.
      definitions: of the events; the standard ones by default.
      text: include the words of IPUs and turns; the conversations must have been read with `text=True`.

    Returns:
      The tables `conversations`, `speakers`, `ipus`, `transitions` and `ftos`; of each the columns by name, arrays of
      one value per row. `to_frames` turns them into data frames.

    Raises:
      BabbleError: words are asked for, and no conversation has any.
    """
    return next(_batches(conversations, definitions or Definitions(), text, max(len(conversations), 1)))


def event_table_batches(
    conversations: Sequence[Conversation], definitions: Definitions | None = None, text: bool = False
) -> Iterator[dict[str, Table]]:
    """Yields the tables of `event_tables` for a few hundred conversations after another; one batch at least.

    Args:
      conversations: of any number of speakers.
      definitions: of the events; the standard ones by default.
      text: include the words of IPUs and turns.
    """
    return _batches(conversations, definitions or Definitions(), text, _BATCH)


def _batches(
    conversations: Sequence[Conversation], definitions: Definitions, text: bool, size: int
) -> Iterator[dict[str, Table]]:
    if text and conversations and not any(any(one.labels or ()) for one in conversations):
        raise BabbleError(
            "The conversations hold no words: their files have none, or they were not read with text=True; leave the "
            "words out of the tables."
        )
    builder = _Builder(text)
    pairs = zip(_unique_names(conversations), conversations, strict=True)
    for number, (name, conversation) in enumerate(pairs, 1):
        units = ipus(conversation, definitions)
        if is_dialogue(units):
            builder.add(name, conversation, units, definitions)
        if number % size == 0 and number < len(conversations):
            yield builder.tables()
            builder = _Builder(text)
    yield builder.tables()


def to_frames(tables: dict[str, Table]) -> "dict[str, pandas.DataFrame]":
    """Turns tables into pandas data frames.

    Raises:
      BabbleError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise BabbleError(
            "Data frames need the package pandas; install it with `pip install pandas` (extra: tables), or take arrays "
            'with tables="numpy".'
        ) from error
    return {name: pandas.DataFrame(table) for name, table in tables.items()}


def _unique_names(conversations: Sequence[Conversation]) -> list[str]:
    """Returns the id of each conversation, with its corpus, and a number at last, where ids are not unique."""
    names = [conversation.id for conversation in conversations]
    if len(set(names)) < len(names):
        names = [f"{one.corpus}/{one.id}" for one in conversations]
    number: Counter[str] = Counter()
    count = Counter(names)
    for i, name in enumerate(names):
        number[name] += 1
        if count[name] > 1:
            names[i] = f"{name}#{number[name]}"
    return names


class _Builder:
    """Collects the columns of each table, an array for each conversation."""

    def __init__(self, text: bool):
        self.text = text
        self.parts: dict[str, dict[str, list[Any]]] = {
            name: {column.name: [] for column in table_columns(name, text)} for name in TABLES
        }

    def add(self, name: str, conversation: Conversation, units: Ipus, definitions: Definitions) -> None:
        """Adds one conversation to all tables."""
        between_solos = transitions(units)
        words = ipu_words(conversation, units, definitions) if self.text else []
        short = backchannels(units, definitions)
        speakers = np.array(units.speakers, object)
        reasons, ftos = {}, {}
        for fto_level in _LEVELS:
            transfers = floor_transfers(units, fto_level, definitions)
            reasons[fto_level] = _REASONS[transfers.reason]
            ftos[fto_level] = (transfers.fto[transfers.defined], transfers.speaker[transfers.defined])
            turn = turns(units, transfers)
            after = np.flatnonzero(~np.isnan(turn.fto))
            before = after - 1
            columns = {
                "from": speakers[turn.speaker[before]],
                "to": speakers[turn.speaker[after]],
                "from_start": turn.start[before],
                "from_end": turn.end[before],
                "start": turn.start[after],
                "end": turn.end[after],
                "fto": turn.fto[after],
                "kind": np.where(turn.fto[after] < 0, "overlap", "gap").astype(object),
                "level": np.full(len(after), fto_level, object),
                "backchannel": short[turn.first[after]],
            }
            if self.text:
                spoken = np.array([*turn_words(words, turn), ""], object)[:-1]
                columns |= {"from_text": spoken[before], "text": spoken[after]}
            self._add("ftos", name, columns)
        columns = {
            "speaker": speakers[units.speaker],
            "start": units.onset,
            "end": units.end,
            "duration": units.duration,
            "window": units.window,
            "window_start": conversation.windows[units.window, 0],
            "window_end": conversation.windows[units.window, 1],
            "backchannel": short,
            "reason_ipu": reasons["ipu"],
            "reason_turn": reasons["turn"],
        }
        self._add(
            "ipus", name, columns | ({"text": np.array([*words, ""], object)[:-1]} if self.text else {})
        )
        columns = {
            "kind": _KINDS[between_solos.kind],
            "from": speakers[between_solos.before],
            "to": speakers[between_solos.after],
            "start": between_solos.start,
            "end": between_solos.end,
            "duration": duration(between_solos.start, between_solos.end),
        }
        self._add("transitions", name, columns)
        durations = event_durations(units, definitions, between_solos)
        self._add_row("conversations", name, conversation_row(conversation, units, durations, ftos))
        for row in speaker_rows(conversation, units, between_solos, durations, short, ftos):
            self._add_row("speakers", name, row)

    def _add(self, table: str, name: str, columns: Table) -> None:
        rows = len(next(iter(columns.values())))
        for column, values in ({"conversation": np.full(rows, name, object)} | columns).items():
            self.parts[table][column].append(values)

    def _add_row(self, table: str, name: str, row: dict[str, Any]) -> None:
        for column, value in ({"conversation": name} | row).items():
            self.parts[table][column].append(value)

    def tables(self) -> dict[str, Table]:
        """Returns the tables with all conversations."""
        return {
            name: {column.name: _column(self.parts[name][column.name], column.unit) for column in columns}
            for name in TABLES
            for columns in [table_columns(name, self.text)]
        }


def _column(parts: list[Any], unit: str) -> np.ndarray:
    """Joins arrays, or values, into a column of the type that its unit has."""
    kind = {TEXT: object, COUNT: np.int64, BOOLEAN: bool}.get(unit, np.float64)
    if parts and isinstance(parts[0], np.ndarray):
        values = np.concatenate(parts).astype(kind)
    else:
        values = np.empty(len(parts), kind)
        values[:] = [np.nan if value is None and kind is np.float64 else value for value in parts]
    return np.round(values, DECIMALS) + 0.0 if kind is np.float64 else values
