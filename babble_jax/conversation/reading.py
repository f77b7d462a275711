"""Reads files and folders into conversations: finds each file's format, joins the files of one conversation, and lists
the lines and files that were passed over.
"""

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np

from babble_jax.conversation.formats import channels, chat, elan, mdtm, ms98, nxt, rttm, table, textgrid
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.source import Skip, Source, quote
from babble_jax.errors import BabbleError
from babble_jax.files import list_own_files
from babble_jax.folders import walk_files
from babble_jax.input_files import is_file, is_folder

# Each module has NAME, FILES_PER_CONVERSATION (where it is more than one, COMBINE_WINDOW_ENDS makes one window's end of
# theirs), sniff(head) and parse(source). No two of them take the same file for theirs. `channels` opens the file by its
# path, the others are given its text.
FORMATS: dict[str, ModuleType] = {
    module.NAME: module for module in (ms98, rttm, mdtm, nxt, textgrid, elan, chat, table, channels)
}  # fmt: skip

MAX_BYTES = 2**30
"""Size of the largest annotation that is read: twenty times that of the largest that we know, an EAF of 50 MB."""
_MOST_FILES = 200_000  # below a folder; each is opened
_HEAD = 65536  # bytes of a file that show its format
_TABLE_SUFFIXES = (".csv", ".tsv")  # of which the message says what a table must have
_RECORDING = f"a recording, not listened to unless it or the format {channels.NAME} is named"


@dataclasses.dataclass(frozen=True)
class Reading:
    """The conversations that were read, and the parts that were not.

    Attributes:
      conversations: in the order of their files.
      skipped: lines, parts and files that were passed over, each with the reason.
    """

    conversations: tuple[Conversation, ...]
    skipped: tuple[Skip, ...]


def read(paths: str | os.PathLike | Iterable[str | os.PathLike], format: str | None = None) -> Reading:
    """Reads every annotation in `paths`.

    The format of a file is recognized by its content, never by its name, unless `format` names it. Folders are
    walked in sorted order, hidden files and manifests that this package wrote left out; recordings in them are
    listened to only where `format` says so. A conversation is identified by its corpus and its id; where it comes
    again, the first one counts and the others are listed in `skipped`.

    Args:
      paths: a file, a folder, or several.
      format: a key of `FORMATS`; None to find it by content.

    Returns:
      The conversations, and what was passed over, with the reason.

    Raises:
      BabbleError: an unknown format, a path that does not exist or cannot be read, a file given itself that
        is no annotation, or nothing to read at all.

    Examples:
      >>> reading = read("corpus")
      >>> len(reading.conversations), reading.skipped
      (6, ())
      >>> reading.conversations[0].speakers
      ('A', 'B')
    """
    if format is not None and format not in FORMATS:
        raise BabbleError(f"There is no format {format!r}; choose one of {', '.join(FORMATS)}.")
    paths = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not paths:
        raise BabbleError("No path was given; name a file or a folder with annotations.")
    parts, skipped = _Parts(), []
    for path in map(str, paths):
        files_before, skips_before = len(parts.files), len(skipped)
        for file, is_direct in _files(path):
            _read_file(file, is_direct, format, parts, skipped)
        if len(parts.files) == files_before:
            kind = f"{format} file" if format else f"annotation ({', '.join(FORMATS)})"
            recordings = any(skip.reason == _RECORDING for skip in skipped[skips_before:])
            remedy = f"read its recordings as {channels.NAME}" if recordings else "name a folder that does"
            raise BabbleError(f"{path}: the folder holds no {kind}; {remedy}.")
    conversations = parts.join(skipped)
    if not conversations:
        raise BabbleError(f"{paths[0]}: no conversation could be read; {_first(skipped)}")
    return Reading(tuple(conversations), tuple(skipped))


def _files(path: str) -> Iterator[tuple[str, bool]]:
    """Yields the files at `path`, each with whether the path is the file itself.

    Of a folder that this package wrote, the manifest and the JSON files that it lists are left out.
    """
    if not path:
        raise BabbleError("A path is empty; name a file or a folder with annotations.")
    if is_file(path):
        yield path, True
        return
    if not is_folder(path):
        raise BabbleError(f"{path}: there is no such file or folder; check the path.")
    for folder, files in walk_files(path, _MOST_FILES):
        own_json = {name for name in list_own_files(folder) if name.endswith(".json")}
        for name in files:
            if name not in own_json:
                yield str(Path(folder, name)), False


def _decode(data: bytes) -> str:
    """Decodes text, its lines ended by newlines whatever ended them.

    Praat writes UTF-16 with a mark at its head, everything else is taken for UTF-8.
    """
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _read_file(path: str, is_direct: bool, format: str | None, parts: "_Parts", skipped: list[Skip]) -> None:
    if not is_direct and not Path(path).is_file():  # to open a pipe would wait for ever
        skipped.append(Skip(path, None, "no regular file"))
        return
    try:
        with Path(path).open("rb") as file:
            data = file.read(_HEAD)
            name = format if is_direct and format else _format(_decode(data), format)
            if name not in (None, channels.NAME):  # of hours of audio the head is enough
                data += file.read(MAX_BYTES + 1 - len(data))
    except OSError as error:
        if is_direct:
            raise BabbleError(f"{path}: cannot be read ({error.strerror}); check the file.") from error
        skipped.append(Skip(path, None, f"cannot be read ({error.strerror})"))
        return
    if name == channels.NAME and not is_direct and format is None:
        skipped.append(Skip(path, None, _RECORDING))
        return
    if name is None or not data.strip():
        reason = _explain_no_annotation(path, data, format)
        if is_direct:
            raise BabbleError(f"{path}: {reason}; give a file of one of the formats {', '.join(FORMATS)}.")
        skipped.append(Skip(path, None, reason))
        return
    if len(data) > MAX_BYTES:
        reason = f"is larger than {MAX_BYTES / 2**30:.0f} GiB"
        if is_direct:
            raise BabbleError(f"{path}: {reason}; check whether it is the right file, or cut it into parts.")
        skipped.append(Skip(path, None, reason))
        return
    conversations, broken = FORMATS[name].parse(Source(path, _decode(data)))
    if is_direct and not conversations:
        raise BabbleError(f"{path}: nothing could be read as {name}; {_first(broken)}")
    skipped += broken
    parts.add(path, name, conversations, skipped)


def _explain_no_annotation(path: str, data: bytes, format: str | None) -> str:
    """Says why a file is not read: it is empty, of another format than the one named, or of none."""
    if not data.strip():
        return "the file is empty"
    if format:
        return f"no {format}"
    tabular = Path(path).suffix.lower() in _TABLE_SUFFIXES
    columns = f": {table.describe_columns(_decode(data))}" if tabular else ""
    return f"no annotation of a known format{columns}"


def _format(head: str, only: str | None) -> str | None:
    """Returns the format that a file's head shows, among all or only one."""
    return next(
        (name for name, module in FORMATS.items() if only in (None, name) and module.sniff(head)), None
    )


def _first(skipped: list[Skip]) -> str:
    if not skipped:
        return "it holds none."
    skip = skipped[0]
    line = f", line {skip.line}" if skip.line is not None else ""
    return f"{skip.file}{line}: {skip.reason}."


class _Parts:
    """Conversations by identity; each holds the parts that its files gave, until all files are read."""

    def __init__(self):
        self.files: list[str] = []
        self._parts: dict[tuple[str, str], list[tuple[str, ModuleType, Conversation]]] = {}
        self._path_of: dict[bytes, str] = {}  # by fingerprint

    def add(self, path: str, format: str, conversations: Sequence[Conversation], skipped: list[Skip]) -> None:
        """Takes what a file holds, except for what an earlier file gave.

        That is a conversation of the same corpus and id; or one of another corpus, which is often no more
        than the folder's name, of the same id with the same segments.

        Args:
          path: of the file.
          format: its format.
          conversations: read from it; where a conversation has several files, those of one speaker each.
          skipped: takes a note of each that was read before.
        """
        self.files.append(path)
        module = FORMATS[format]
        for conversation in conversations:
            parts = self._parts.setdefault((conversation.corpus, conversation.id), [])
            speakers = {name for _, _, part in parts for name in part.speakers}
            fingerprint = _fingerprint(conversation)
            again = parts and (
                parts[0][1].FILES_PER_CONVERSATION == 1
                or module.FILES_PER_CONVERSATION == 1
                or speakers & set(conversation.speakers)
            )
            if again or fingerprint in self._path_of:
                first = parts[0][0] if again else self._path_of[fingerprint]
                speaker = f", speaker {quote(conversation.speakers[0])},"
                whose = speaker if module.FILES_PER_CONVERSATION > 1 else ""
                what = f"conversation {quote(conversation.id)} of {conversation.corpus}{whose}"
                skipped.append(Skip(path, None, f"{what} was read before, from {first}"))
            else:
                self._path_of[fingerprint] = path
                parts.append((path, module, conversation))

    def join(self, skipped: list[Skip]) -> list[Conversation]:
        """Joins the parts of each conversation; one of which a part is missing is passed over."""
        conversations = []
        for (corpus, id), parts in self._parts.items():
            if not parts:
                continue
            path, module, first = parts[0]
            if len(parts) < module.FILES_PER_CONVERSATION:
                what = f"conversation {quote(id)} of {corpus} has only speaker {quote(first.speakers[0])}"
                skipped.append(Skip(path, None, f"{what}: give the other one's file"))
            elif module.FILES_PER_CONVERSATION == 1:
                conversations.append(first)
            else:
                conversations.append(_join([part for _, _, part in parts], module.COMBINE_WINDOW_ENDS))
        return conversations


def _fingerprint(conversation: Conversation) -> bytes:
    """Returns a digest that is equal for the same segments under the same id."""
    digest = hashlib.sha256(repr((conversation.id, conversation.speakers)).encode())
    for array in (conversation.speaker, conversation.onset, conversation.end):
        digest.update(array.tobytes())
    return digest.digest()


def _join(parts: Sequence[Conversation], combine: Callable[[Iterable[float]], float]) -> Conversation:
    """Makes one conversation of parts of one speaker each, all observed from 0, to `combine` of their ends."""
    parts = sorted(parts, key=lambda part: part.speakers)
    return dataclasses.replace(
        parts[0],
        speakers=tuple(name for part in parts for name in part.speakers),
        speaker=np.concatenate([np.full(len(part.speaker), i, np.int32) for i, part in enumerate(parts)]),
        onset=np.concatenate([part.onset for part in parts]),
        end=np.concatenate([part.end for part in parts]),
        mark=np.concatenate([part.mark for part in parts]),
        windows=np.array([[0.0, combine(part.windows[0, 1] for part in parts)]]),
    )
