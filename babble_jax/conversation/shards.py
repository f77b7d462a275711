"""A corpus in array_record shards as a sequence of conversations of which few are in memory at a time.

Opening goes once through all records: it counts what `babble inspect` prints, and passes over what is damaged or comes
twice. After that a conversation is decoded when it is asked for.

Axes: F files, C conversations.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.formats.array_record import NAME, decode_record, read_raw_records
from babble_jax.conversation.layout.interpret import TierReading
from babble_jax.conversation.layout.layout import NO_OPTIONS, Layout
from babble_jax.conversation.source import Skip
from babble_jax.errors import BabbleError
from babble_jax.files import KIND_PREFIX, MANIFEST
from babble_jax.input_files import read_json
from babble_jax.plural import plural
from babble_jax.progress import Progress

PARTS = "parts"
"""Key of a manifest: how many shards the folder has when it is complete."""
_MOST_NAMES = 20  # speakers of a file that are listed one by one
_MOST_SKIPS = 1000
_MANY = 10_000  # conversations that take more than half a minute to go through


class ConversationShards(Sequence[Conversation]):
    """The conversations of array_record files, read as they are asked for.

    Iterating holds a few dozen records in memory. A slice is a tuple of conversations.

    Args:
      paths: [F] of the files, in the order of the conversations.
      numbers: for each file the numbers of its records that are conversations.
      hours: observed time of all.
      speakers: names of the speakers, each once.
    """

    def __init__(
        self, paths: Sequence[str], numbers: Sequence[np.ndarray], hours: float, speakers: Sequence[str]
    ):
        self._paths, self._numbers, self.hours = tuple(paths), tuple(numbers), hours
        self.speakers = tuple(speakers)
        self._firsts = np.concatenate([[0], np.cumsum([len(one) for one in numbers])]).astype(np.int64)

    def __len__(self) -> int:
        return int(self._firsts[-1])

    def __iter__(self) -> Iterator[Conversation]:
        for path, numbers in zip(self._paths, self._numbers, strict=True):
            yield from _decode(path, numbers)

    @overload
    def __getitem__(self, index: int) -> Conversation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Conversation, ...]: ...
    def __getitem__(self, index: int | slice) -> Conversation | tuple[Conversation, ...]:
        if isinstance(index, slice):
            return tuple(self._pick(range(len(self))[index]))
        return next(self._pick([range(len(self))[index]]))

    def _pick(self, indices: Sequence[int]) -> Iterator[Conversation]:
        """Decodes conversations by their indices; neighbours in one file are read together."""
        files = np.searchsorted(self._firsts, indices, side="right") - 1
        edges = np.flatnonzero(np.diff(files)) + 1
        for rows in np.split(np.arange(len(indices)), edges):
            if len(rows):
                file = int(files[rows[0]])
                numbers = self._numbers[file][np.asarray(indices)[rows] - self._firsts[file]]
                yield from _decode(self._paths[file], numbers)


def _decode(path: str, numbers: np.ndarray) -> Iterator[Conversation]:
    for number, record in read_raw_records(path, numbers.tolist()):
        try:
            yield decode_record(record)
        except ValueError as error:
            raise BabbleError(f"{path}: record {number} has changed since it was opened: {error}.") from error


class ShardIndex:
    """Goes through the records of files, one file after another, and finds the conversations among them.

    Args:
      layout: what the user says of the files: nothing, since records are conversations already.
    """

    def __init__(self, layout: Layout = NO_OPTIONS):
        self._layout = layout
        self.skipped: list[Skip] = []
        self.tiers: list[TierReading] = []
        self._speakers: dict[str, None] = {}
        self._paths: list[str] = []
        self._numbers: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])  # of monologues, of dialogues
        self._seconds = [0.0, 0.0]
        self._ids: set[int] = set()

    def add(self, path: str) -> None:
        """Goes through the records of a file.

        Args:
          path: of the file.

        Raises:
          BabbleError: it cannot be read, or there are options of the layout.
        """
        if self._layout != NO_OPTIONS:
            raise BabbleError(
                f"{path}: is array_record, whose conversations are stored as they were understood; leave out the "
                "options of the layout."
            )
        numbers: tuple[list[int], list[int]] = ([], [])
        segments, seconds, first = Counter[str](), Counter[str](), ""
        for number, record in read_raw_records(path):
            try:
                conversation = decode_record(record)
            except ValueError as error:
                self._skip(path, f"record {number} is no conversation: {error}")
                continue
            digest = hashlib.blake2b(f"{conversation.corpus}\n{conversation.id}".encode(), digest_size=8)
            key = int.from_bytes(digest.digest(), "little")
            if key in self._ids:
                self._skip(path, f"record {number} is the conversation {conversation.id} once more")
                continue
            self._ids.add(key)
            first = first or conversation.id
            length = conversation.end - conversation.onset
            valid, names = length > 0, conversation.speakers
            count = np.bincount(conversation.speaker[valid], minlength=len(names))
            total = np.bincount(conversation.speaker[valid], length[valid], len(names))
            for name, one, time in zip(names, count.tolist(), total.tolist(), strict=True):
                segments[name] += one
                seconds[name] += time
            is_dialogue = int(np.count_nonzero(count) >= 2)
            numbers[is_dialogue].append(number)
            self._seconds[is_dialogue] += conversation.seconds
        self._paths.append(path)
        for kind in (0, 1):
            self._numbers[kind].append(np.array(numbers[kind], np.int64))
        self._speakers.update(dict.fromkeys(segments))
        self._list_tiers(path, first, segments, seconds)

    def __bool__(self) -> bool:
        return bool(self._paths)

    def check(self, path: str | os.PathLike, others: Sequence[str]) -> None:
        """Checks that there is a conversation, and that the files are all of this format.

        Args:
          path: the first that was named, for a message.
          others: paths of the files of other formats.

        Raises:
          BabbleError: there is none, or there are others.
        """
        if others:
            raise BabbleError(
                f"{path}: holds array_record and other annotation, {others[0]} for one; give one of them."
            )
        if not len(self.dialogues) + len(self.monologues):
            reason = self.skipped[0].reason if self.skipped else "the files are empty"
            raise BabbleError(f"{path}: no conversation could be read; {self._paths[0]}: {reason}.")

    def _skip(self, path: str, reason: str) -> None:
        if len(self.skipped) < _MOST_SKIPS:
            self.skipped.append(Skip(path, None, reason))

    def _list_tiers(self, path: str, first: str, segments: Counter[str], seconds: Counter[str]) -> None:
        """Lists the speakers of a file as tiers; where they are many, as one."""
        if len(segments) > _MOST_NAMES:
            name = plural(len(segments), "name")
            rows = [(name, segments.total(), float(seconds.total()))]
        else:
            rows = [(name, segments[name], float(seconds[name])) for name in segments]
        self.tiers += [TierReading(path, NAME, first, name, name, count, time) for name, count, time in rows]

    @property
    def dialogues(self) -> ConversationShards:
        """Conversations in which at least two people are heard."""
        return self._conversations(1)

    @property
    def monologues(self) -> ConversationShards:
        """Recordings of one person, or of nobody."""
        return self._conversations(0)

    def _conversations(self, kind: int) -> ConversationShards:
        return ConversationShards(
            self._paths, self._numbers[kind], self._seconds[kind] / 3600, list(self._speakers)
        )


def follow(conversations: Sequence[Conversation], description: str) -> Iterator[Conversation]:
    """Yields conversations one by one; of many of them it shows the progress, and the time that is left.

    Args:
      conversations: of a corpus.
      description: of the work, a few words.
    """
    if len(conversations) < _MANY:
        yield from conversations
        return
    with Progress(description, len(conversations), "conversations") as progress:
        for conversation in conversations:
            yield conversation
            progress.update()


def list_speakers(conversations: Sequence[Conversation]) -> list[str]:
    """Lists the names of the speakers of a corpus, each once."""
    if isinstance(conversations, ConversationShards):
        return list(conversations.speakers)
    return list(dict.fromkeys(name for conversation in conversations for name in conversation.speakers))


def observed_hours(conversations: Sequence[Conversation]) -> float:
    """Sums the observed time of a corpus; of shards it is known from their opening."""
    if isinstance(conversations, ConversationShards):
        return conversations.hours
    return sum(conversation.seconds for conversation in conversations) / 3600


def check_complete(folder: str | Path) -> None:
    """Refuses a folder of shards of which some are still missing.

    Raises:
      BabbleError: its manifest lists more shards than are there.
    """
    path = Path(folder, MANIFEST)
    if not path.is_file():
        return
    try:
        manifest = read_json(path)
    except BabbleError:  # it is somebody else's
        return
    if not isinstance(manifest, dict) or not str(manifest.get("kind", "")).startswith(KIND_PREFIX):
        return
    if isinstance(manifest.get(PARTS), int) and isinstance(manifest.get("sha256"), dict):
        missing = [name for name in manifest["sha256"] if not Path(folder, name).is_file()]
        if missing:
            raise BabbleError(
                f"{folder}: {len(missing)} of its {plural(manifest[PARTS], 'part')} are missing, {missing[0]} first; "
                "run the command that made it again, which goes on where it ended."
            )
