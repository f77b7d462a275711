"""Files and folders into conversations: each file's format, sides joined, what was passed over listed."""

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from babble_jax.conversation import channels, chat, elan, mdtm, ms98, nxt, rttm, table, textgrid
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.source import Skip, Source, short
from babble_jax.errors import BabbleError

# Each module has NAME, SIDES (how many files make one conversation; where it is more than one, END says how
# the ends of their windows make one), sniff(head) and parse(source). No two of them take the same file for
# theirs. `channels` opens the file by its path, the others are given its text.
FORMATS: dict[str, ModuleType] = {
    module.NAME: module for module in (ms98, rttm, mdtm, nxt, textgrid, elan, chat, table, channels)
}  # fmt: skip

_HEAD = 65536  # bytes of a file that tell its format
_SOUND = f"a recording, not listened to unless it or the format {channels.NAME} is named"


@dataclasses.dataclass(frozen=True)
class Reading:
    """What was read and what was not.

    Attributes:
      conversations: in the order in which they were found.
      skipped: lines, parts and files that were passed over, each with the reason.
    """

    conversations: tuple[Conversation, ...]
    skipped: tuple[Skip, ...]


def read(paths: str | os.PathLike | Iterable[str | os.PathLike], format: str | None = None) -> Reading:
    """Reads every annotation in `paths`.

    A file is told by its content, never by its name, unless `format` names the format. Folders are walked in
    sorted order, hidden files left out; recordings in them are listened to only where `format` says so. A
    conversation is known by its corpus and its id; where it is found again, the first one counts and the
    others are listed in `skipped`.

    Args:
      paths: a file, a folder, or several.
      format: a key of `FORMATS`; None to find it by content.

    Raises:
      BabbleError: an unknown format, a path that does not exist or cannot be read, a file named directly that
        is no annotation, or nothing to read at all.
    """
    if format is not None and format not in FORMATS:
        raise BabbleError(f"There is no format {format!r}; choose one of {', '.join(FORMATS)}.")
    asked = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not asked:
        raise BabbleError("No path was given; name a file or a folder with annotations.")
    gathered, skipped = _Gathered(), []
    for path in map(str, asked):
        before, passed = len(gathered.files), len(skipped)
        for file, named in _files(path):
            _read_file(file, named, format, gathered, skipped)
        if len(gathered.files) == before:
            kind = f"{format} file" if format else f"annotation ({', '.join(FORMATS)})"
            sound = any(skip.reason == _SOUND for skip in skipped[passed:])
            remedy = f"read its recordings as {channels.NAME}" if sound else "name a folder that does"
            raise BabbleError(f"{path}: the folder holds no {kind}; {remedy}.")
    conversations = gathered.join(skipped)
    if not conversations:
        raise BabbleError(f"{asked[0]}: no conversation could be read; {_first(skipped)}")
    return Reading(tuple(conversations), tuple(skipped))


def _files(path: str) -> Iterator[tuple[str, bool]]:
    """The files at `path`, each with whether it was named directly."""
    if not Path(path).exists():
        raise BabbleError(f"{path}: there is no such file or folder; check the path.")
    if not Path(path).is_dir():
        yield path, True
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield str(Path(folder, name)), False


def _decode(data: bytes) -> str:
    """Text, its lines ended by newlines whatever ended them.

    Praat writes UTF-16 with a mark at its head, everything else is taken for UTF-8.
    """
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _read_file(
    path: str, named: bool, format: str | None, gathered: "_Gathered", skipped: list[Skip]
) -> None:
    if not named and not Path(path).is_file():  # to open a pipe would wait for ever
        skipped.append(Skip(path, None, "no regular file"))
        return
    try:
        with Path(path).open("rb") as file:
            data = file.read(_HEAD)
            name = format if named and format else _format(_decode(data), format)
            if name not in (None, channels.NAME):  # of hours of audio the head is enough
                data += file.read()
    except OSError as error:
        if named:
            raise BabbleError(f"{path}: cannot be read ({error.strerror}); check the file.") from error
        skipped.append(Skip(path, None, f"cannot be read ({error.strerror})"))
        return
    if name == channels.NAME and not named and format is None:
        skipped.append(Skip(path, None, _SOUND))
        return
    if name is None or not data.strip():
        reason = f"no {format or 'annotation of a known format'}" if data.strip() else "the file is empty"
        if named:
            raise BabbleError(f"{path}: {reason}; give a file of one of the formats {', '.join(FORMATS)}.")
        skipped.append(Skip(path, None, reason))
        return
    found, broken = FORMATS[name].parse(Source(path, _decode(data)))
    if named and not found:
        raise BabbleError(f"{path}: nothing could be read as {name}; {_first(broken)}")
    skipped += broken
    gathered.add(path, name, found, skipped)


def _format(head: str, asked: str | None) -> str | None:
    """The format that a file's head shows, among all or only the one asked for."""
    return next(
        (name for name, module in FORMATS.items() if asked in (None, name) and module.sniff(head)), None
    )


def _first(skipped: list[Skip]) -> str:
    if not skipped:
        return "nothing was found."
    skip = skipped[0]
    line = f", line {skip.line}" if skip.line is not None else ""
    return f"{skip.file}{line}: {skip.reason}."


class _Gathered:
    """Conversations by identity; the sides of one are kept until all files are read."""

    def __init__(self):
        self.files: list[str] = []
        self._found: dict[tuple[str, str], list[tuple[str, ModuleType, Conversation]]] = {}
        self._seen: dict[bytes, str] = {}

    def add(self, path: str, format: str, found: list[Conversation], skipped: list[Skip]) -> None:
        """Takes what a file holds, except for what was found before.

        That is a conversation of the same corpus and id; or one of another corpus, which is often no more
        than the folder's name, of the same id with the same segments.
        """
        self.files.append(path)
        module = FORMATS[format]
        for conversation in found:
            known = self._found.setdefault((conversation.corpus, conversation.id), [])
            names = {name for _, _, side in known for name in side.speakers}
            content = _fingerprint(conversation)
            again = known and (
                known[0][1].SIDES == 1 or module.SIDES == 1 or names & set(conversation.speakers)
            )
            if again or content in self._seen:
                first = known[0][0] if again else self._seen[content]
                side = f", side {short(conversation.speakers[0])}," if module.SIDES > 1 else ""
                what = f"conversation {short(conversation.id)} of {conversation.corpus}{side}"
                skipped.append(Skip(path, None, f"{what} was read before, from {first}"))
            else:
                self._seen[content] = path
                known.append((path, module, conversation))

    def join(self, skipped: list[Skip]) -> list[Conversation]:
        """Puts the sides together; a conversation of which one is missing is passed over."""
        joined = []
        for (corpus, id), parts in self._found.items():
            if not parts:
                continue
            path, module, first = parts[0]
            if len(parts) < module.SIDES:
                side = f"conversation {short(id)} of {corpus} has only side {short(first.speakers[0])}"
                reason = f"{side}: give the other one"
                skipped.append(Skip(path, None, reason))
            else:
                joined.append(
                    first if module.SIDES == 1 else _join([part for _, _, part in parts], module.END)
                )
        return joined


def _fingerprint(conversation: Conversation) -> bytes:
    """Equal for the same segments under the same id."""
    digest = hashlib.sha256(repr((conversation.id, conversation.speakers)).encode())
    for array in (conversation.speaker, conversation.onset, conversation.end):
        digest.update(array.tobytes())
    return digest.digest()


def _join(sides: list[Conversation], end: Callable[[Iterable[float]], float]) -> Conversation:
    """One conversation from files of one speaker each, all observed from 0."""
    sides = sorted(sides, key=lambda side: side.speakers)
    return dataclasses.replace(
        sides[0],
        speakers=tuple(name for side in sides for name in side.speakers),
        speaker=np.concatenate([np.full(len(side.speaker), i, np.int32) for i, side in enumerate(sides)]),
        onset=np.concatenate([side.onset for side in sides]),
        end=np.concatenate([side.end for side in sides]),
        mark=np.concatenate([side.mark for side in sides]),
        windows=np.array([[0.0, end(side.windows[0, 1] for side in sides)]]),
    )
