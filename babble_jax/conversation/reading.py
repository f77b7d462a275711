"""Reads files and folders into conversations: finds each file's format, lets the layout say whose speech it is, joins
the files of one conversation, and lists the lines and files that were passed over.
"""

import dataclasses
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from babble_jax.audio.sound_types import is_sound
from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.detection import FORMAT_NAMES, FORMATS, HEAD, decode, detect_format
from babble_jax.conversation.formats import array_record, channels, kaldi, table
from babble_jax.conversation.layout import plausibility
from babble_jax.conversation.layout.interpret import TierReading, interpret
from babble_jax.conversation.layout.layout import NO_OPTIONS, Layout
from babble_jax.conversation.layout.parts import Part, join_parts
from babble_jax.conversation.layout.people import group_by_people
from babble_jax.conversation.shards import ShardIndex, check_complete
from babble_jax.conversation.source import Skip, Source, quote
from babble_jax.errors import BabbleError
from babble_jax.files import KIND_PREFIX, list_own_files
from babble_jax.folders import walk_files
from babble_jax.input_files import is_file, is_folder

MAX_BYTES = 2**30
"""Size of the largest annotation that is read: twenty times that of the largest that we know, an EAF of 50 MB."""
EVENT_TABLES = f"{KIND_PREFIX}event tables"
"""Kind of the folders of tables that `babble events --out` writes."""
_MOST_FILES = 200_000  # below a folder; each is opened
_TABLE_SUFFIXES = (".csv", ".tsv", ".tab")  # of which the message says what a table must have
_RECORDING = f"a recording; it is listened to where it is named itself, or with --format {channels.NAME}"


@dataclasses.dataclass(frozen=True)
class Reading:
    """The conversations that were read, how they were understood, and the parts that were not read.

    Attributes:
      conversations: in which at least two people are heard, in the order of their files; of array_record files each is
        decoded when it is asked for, so that a corpus may be larger than the memory.
      skipped: lines, parts and files that were passed over, each with the reason.
      monologues: recordings of one person, or of nobody: they hold no turn-taking, and are in no rate.
      tiers: how each tier of each file was understood.
      notes: what was guessed, with the option that says it otherwise.
      warnings: what is implausible, with the option that may mend it.
    """

    conversations: Sequence[Conversation]
    skipped: tuple[Skip, ...]
    monologues: Sequence[Conversation] = ()
    tiers: tuple[TierReading, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read(
    paths: str | os.PathLike | Iterable[str | os.PathLike],
    format: str | None = None,
    layout: Layout = NO_OPTIONS,
    text: bool = False,
) -> Reading:
    """Reads every annotation in `paths`.

    The format of a file is recognized by its content, never by its name, unless `format` names it. Folders are
    walked in sorted order, hidden files and manifests that this package wrote left out; recordings in them are
    listened to only where `format` says so. A conversation is identified by its corpus and its id; where it comes
    again, the first one counts and the others are listed in `skipped`.

    Args:
      paths: a file, a folder, or several.
      format: one of `FORMAT_NAMES`; None to find it by content.
      layout: which tiers, files and labels are speech, where the rules guess otherwise.
      text: whether the conversations keep the text of their segments.

    Returns:
      The conversations, how they were understood, and what was passed over, with the reason.

    Raises:
      BabbleError: an unknown format, a path that does not exist or cannot be read, a file given itself that
        is no annotation, nothing to read at all, or no conversation of at least two speakers.

    Examples:
      >>> reading = read("corpus")
      >>> len(reading.conversations), reading.skipped
      (6, ())
      >>> reading.conversations[0].speakers
      ('A', 'B')
    """
    reading = inspect(paths, format, layout, text)
    if not reading.conversations:
        raise BabbleError(_explain_no_conversation(reading))
    return reading


def inspect(
    paths: str | os.PathLike | Iterable[str | os.PathLike],
    format: str | None = None,
    layout: Layout = NO_OPTIONS,
    text: bool = False,
) -> Reading:
    """Reads as `read` does, also where no conversation has two speakers: to see how files are understood.

    Args:
      paths: a file, a folder, or several.
      format: one of `FORMAT_NAMES`; None to find it by content.
      layout: which tiers, files and labels are speech, where the rules guess otherwise.
      text: whether the conversations keep the text of their segments.

    Returns:
      The conversations, how they were understood, and what was passed over, with the reason.

    Raises:
      BabbleError: as `read`, but for conversations of one speaker.

    Examples:
      >>> [(tier.tier, tier.speaker) for tier in inspect("corpus").tiers[:2]]
      [('A', 'A'), ('B', 'B')]
    """
    if format is not None and format not in FORMAT_NAMES:
        raise BabbleError(f"There is no format {format!r}; choose one of {', '.join(FORMAT_NAMES)}.")
    paths = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not paths:
        raise BabbleError("No path was given; name a file or a folder with annotations.")
    files = _Files(format, layout, text)
    for path in map(str, paths):
        count, skips_before = files.count, len(files.skipped)
        for file, is_direct in _files(path):
            files.add(file, is_direct)
        if files.count == count:
            recordings = any(skip.reason == _RECORDING for skip in files.skipped[skips_before:])
            if recordings:
                raise BabbleError(
                    f"{path}: the folder holds recordings and no annotation; listen to them with --format "
                    f"{channels.NAME}."
                )
            if list_own_files(Path(path), EVENT_TABLES):
                raise BabbleError(
                    f"{path}: the folder holds tables of results of `babble events --out`; give the annotation, or the "
                    "table ipus in it."
                )
            kind = f"{format} file" if format else f"annotation ({', '.join(FORMAT_NAMES)})"
            raise BabbleError(f"{path}: the folder holds no {kind}; name a folder that does.")
    return files.reading(paths[0])


def _explain_no_conversation(reading: Reading) -> str:
    """Says that no conversation has two speakers, and which option may change that."""
    names = list(dict.fromkeys(f"{one.id} ({', '.join(one.speakers)})" for one in reading.monologues))
    shown = quote(", ".join(names[:3])) + (", ..." if len(names) > 3 else "")
    count = len(reading.monologues)
    what = "the one conversation has" if count == 1 else f"each of the {count} conversations has"
    left_out = [tier.tier for tier in reading.tiers if tier.speaker is None]
    tiers = f"; the tier {quote(left_out[0])} was left out, --tiers takes it" if left_out else ""
    mixed = [len(one.speakers) for one in reading.monologues] == [1] and reading.tiers[
        0
    ].format == channels.NAME
    recording = (
        "; a recording of one channel with several speakers needs annotation of who speaks" if mixed else ""
    )
    return (
        f"{reading.tiers[0].file if reading.tiers else 'The input'}: {what} fewer than two speakers: {shown}; if a "
        f"file holds one speaker of a conversation, say how its name tells which by --conversation{tiers}"
        f"{recording}."
    )


def _files(path: str) -> Iterator[tuple[str, bool]]:
    """Yields the files at `path`, each with whether the path is the file itself.

    Of a folder that this package wrote, the manifest and the JSON files that it lists are left out; of one of tables of
    events, the tables, which would else be read as conversations. The files beside Kaldi's `segments` are read with it.
    """
    if not path:
        raise BabbleError("A path is empty; name a file or a folder with annotations.")
    if is_file(path):
        yield path, True
        return
    if not is_folder(path):
        raise BabbleError(f"{path}: there is no such file or folder; check the path.")
    for folder, files in walk_files(path, _MOST_FILES):
        check_complete(folder)
        own = {name for name in list_own_files(folder) if name.endswith(".json")}
        own |= list_own_files(folder, EVENT_TABLES)
        if kaldi.SEGMENTS in files:
            own |= kaldi.BESIDE
        for name in files:
            if name not in own:
                yield str(Path(folder, name)), False


class _Files:
    """The files that are read, one after another, until all are.

    Args:
      format: of all; None to find it.
      layout: what the user says of them.
      text: whether to keep the labels.
    """

    def __init__(self, format: str | None, layout: Layout, text: bool):
        self._format, self._layout, self._text = format, layout, text
        self.count = 0
        self.skipped: list[Skip] = []
        self._parts: list[Part] = []
        self._tiers: list[TierReading] = []
        self._encodings: dict[str, list[str]] = {}
        self._notes: dict[str, dict[str, None]] = {}  # paths by note
        self._windows: dict[str, Annotation] = {}
        self._shards = ShardIndex(layout)

    def add(self, path: str, is_direct: bool) -> None:
        """Reads a file.

        Args:
          path: of it.
          is_direct: whether the user named it, and no folder above it: then what is no annotation is an error.
        """
        if not is_direct and not Path(path).is_file():  # to open a pipe would wait for ever
            self.skipped.append(Skip(path, None, "no regular file"))
            return
        try:
            with Path(path).open("rb") as file:
                data = file.read(HEAD)
                if self._format in (None, array_record.NAME) and array_record.is_array_record(data):
                    self._shards.add(path)
                    self.count += 1
                    return
                head, _ = decode(data)
                name = (
                    self._format
                    if is_direct and self._format in FORMATS
                    else detect_format(head, self._format, self._layout)
                )
                if name is None and self._format in (None, channels.NAME) and is_sound(data):
                    name = channels.NAME
                if name not in (None, channels.NAME):  # of hours of audio the head is enough
                    data += file.read(MAX_BYTES + 1 - len(data))
        except OSError as error:
            self._refuse(path, is_direct, f"cannot be read ({error.strerror})", "check the file")
            return
        if name == channels.NAME and not is_direct and self._format is None:
            self.skipped.append(Skip(path, None, _RECORDING))
            return
        if name is None or not data.strip():
            reason, remedy = _explain_no_annotation(path, data, self._format, self._layout)
            self._refuse(path, is_direct, reason, remedy)
            return
        if len(data) > MAX_BYTES:
            reason = f"is larger than {MAX_BYTES / 2**30:.0f} GiB"
            self._refuse(path, is_direct, reason, "check whether it is the right file, or cut it into parts")
            return
        content, encoding = ("", "utf-8") if name == channels.NAME else decode(data)
        annotations, broken = FORMATS[name].parse(Source(path, content, self._layout))
        if is_direct and not annotations:
            raise BabbleError(f"{path}: nothing could be read as {name}; {_first(broken)}")
        if encoding not in ("utf-8", "utf-8-sig", "utf-16"):
            self._encodings.setdefault(encoding, []).append(path)
        self.skipped += broken
        self.count += 1
        for annotation in annotations:
            for note in annotation.notes:
                self._notes.setdefault(note, {})[path] = None
            self._interpret(annotation, name)

    def _refuse(self, path: str, is_direct: bool, reason: str, remedy: str) -> None:
        if is_direct:
            raise BabbleError(f"{path}: {reason}; {remedy}.")
        self.skipped.append(Skip(path, None, reason))

    def _interpret(self, annotation: Annotation, format: str) -> None:
        if not annotation.tiers and annotation.windows:
            self._windows[annotation.id] = annotation
            return
        conversation, tiers = interpret(annotation, format, self._layout, self._text)
        self._tiers += tiers
        if conversation is not None:
            self._parts.append(Part(annotation, format, conversation))
        else:
            reasons = "; ".join(f"{quote(tier.tier)} {tier.reason}" for tier in tiers[:3])
            self.skipped.append(Skip(annotation.path, None, f"no tier is speech: {reasons}"))

    def reading(self, path: str | os.PathLike) -> Reading:
        """Joins what was read.

        Args:
          path: the first that was named, for a message.

        Raises:
          BabbleError: nothing was read.
        """
        if self._shards:
            shards, skipped = self._shards, (*self.skipped, *self._shards.skipped)
            shards.check(path, [part.annotation.path for part in self._parts])
            return Reading(shards.dialogues, skipped, shards.monologues, tuple(shards.tiers))
        joined = join_parts(self._parts, self._layout, self.skipped)
        self._list_windows_of_none({conversation.id for conversation in joined.conversations})
        if not joined.conversations:
            raise BabbleError(f"{path}: no conversation could be read; {_first(self.skipped)}")
        observed = [self._observe(conversation) for conversation in joined.conversations]
        tiers = [
            _rename(tier, joined.renamed)
            for tier in self._tiers
            if (tier.file, tier.conversation) not in joined.left_out
        ]
        notes = [] if joined.note is None else [joined.note]
        notes += [f"{_name_files(list(paths))}: {note}" for note, paths in self._notes.items()]
        for encoding, paths in self._encodings.items():
            notes.append(f"{_name_files(paths)}: read as {encoding}, since it is no UTF-8")
        conversations, groups_note = group_by_people(
            [one for one in observed if count_active_speakers(one) >= 2], self._layout
        )
        notes += [groups_note] if groups_note else []
        return Reading(
            tuple(conversations),
            tuple(self.skipped),
            tuple(one for one in observed if count_active_speakers(one) < 2),
            tuple(tiers),
            tuple(notes),
            (*plausibility.doubt_tiers(tiers), *plausibility.warnings(conversations)),
        )

    def _list_windows_of_none(self, ids: set[str]) -> None:
        """Lists the files of windows that no conversation has.

        Args:
          ids: of the conversations.
        """
        others: dict[str, list[str]] = {}
        for id, annotation in self._windows.items():
            if id not in ids:
                others.setdefault(annotation.path, []).append(id)
        for path, names in others.items():
            shown = ", ".join(map(quote, names[:3])) + (", ..." if len(names) > 3 else "")
            what = f"{len(names)} conversations" if len(names) > 1 else "a conversation"
            reason = f"windows of {what} that no other file holds ({shown})"
            self.skipped.append(Skip(path, None, reason))

    def _observe(self, conversation: Conversation) -> Conversation:
        """Gives a conversation the windows that another file says were observed."""
        if conversation.id not in self._windows:
            return conversation
        windows = np.array(self._windows[conversation.id].windows, np.float64)
        return dataclasses.replace(conversation, windows=windows)


def count_active_speakers(conversation: Conversation) -> int:
    """Counts the speakers that have a segment."""
    return len(np.unique(conversation.speaker[conversation.end > conversation.onset]))


def _rename(tier: TierReading, renamed: dict[str, tuple[str, str]]) -> TierReading:
    if tier.speaker is None or tier.file not in renamed:
        return tier
    conversation, speaker = renamed[tier.file]
    return dataclasses.replace(tier, conversation=conversation, speaker=speaker)


def _name_files(paths: Sequence[str]) -> str:
    return paths[0] + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")


def _explain_no_annotation(path: str, data: bytes, format: str | None, layout: Layout) -> tuple[str, str]:
    """Says why a file is not read, and the remedy: it is empty, of another format than the one named, or of none."""
    remedy = f"give a file of one of the formats {', '.join(FORMAT_NAMES)}"
    if not data.strip():
        return "the file is empty", remedy
    if format:
        return f"no {format}", remedy
    head, _ = decode(data)
    if table.holds_results(head):
        reason = "a table of results of `babble events --out`, without the segments of each speaker"
        return reason, "give the annotation, or the table ipus beside it"
    if Path(path).suffix.lower() in _TABLE_SUFFIXES or table.resembles(head):
        return f"no annotation of a known format: {table.describe_columns(head, layout)}", table.REMEDY
    return "no annotation of a known format", remedy


def _first(skipped: Sequence[Skip]) -> str:
    if not skipped:
        return "it holds none."
    skip = skipped[0]
    line = f", line {skip.line}" if skip.line is not None else ""
    return f"{skip.file}{line}: {skip.reason}."
