"""Files and folders into conversations: formats told by content, sides joined, what was passed over
listed."""

import dataclasses
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from babble_jax.conversation import ms98
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.source import Skip, Source
from babble_jax.errors import BabbleError

# Each module has NAME, SIDES (files that make one conversation), sniff(head) and parse(source). The order
# matters: a format that is told by a fixed word comes before those that are told by the look of a row.
FORMATS: dict[str, ModuleType] = {module.NAME: module for module in (ms98,)}

_HEAD = 65536  # characters of a file that tell its format


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
    sorted order, hidden files left out. A conversation is known by its corpus and its id; where it is found
    again, the first one counts and the others are listed in `skipped`.

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
        before = len(gathered.files)
        for file, named in _files(path):
            _read_file(file, named, format, gathered, skipped)
        if len(gathered.files) == before:
            kind = f"{format} file" if format else f"annotation ({', '.join(FORMATS)})"
            raise BabbleError(f"{path}: the folder holds no {kind}; name a folder that does.")
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
    """Text; Praat writes UTF-16 with a mark at its head, everything else is taken for UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _read_file(
    path: str, named: bool, format: str | None, gathered: "_Gathered", skipped: list[Skip]
) -> None:
    try:
        text = _decode(Path(path).read_bytes())
    except OSError as error:
        if named:
            raise BabbleError(f"{path}: cannot be read ({error.strerror}); check the file.") from error
        skipped.append(Skip(path, None, f"cannot be read ({error.strerror})"))
        return
    name = format if format is not None else _format(text[:_HEAD])
    found, broken = FORMATS[name].parse(Source(path, text)) if name is not None else ([], [])
    if name is None or not (found or broken):
        reason = "the file is empty" if not text.strip() else f"no {format or 'annotation of a known format'}"
        if named:
            raise BabbleError(f"{path}: {reason}; give one of {', '.join(FORMATS)}.")
        skipped.append(Skip(path, None, reason))
        return
    if named and not found:
        raise BabbleError(f"{path}: no line could be read as {name}; {_first(broken)}")
    skipped += broken
    gathered.add(path, name, found, skipped)


def _format(head: str) -> str | None:
    return next((name for name, module in FORMATS.items() if module.sniff(head)), None)


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
        self._found: dict[tuple[str, str], list[tuple[str, int, Conversation]]] = {}

    def add(self, path: str, format: str, found: list[Conversation], skipped: list[Skip]) -> None:
        self.files.append(path)
        sides = FORMATS[format].SIDES
        for conversation in found:
            identity = (conversation.corpus, conversation.id)
            known = self._found.setdefault(identity, [])
            names = {name for _, _, side in known for name in side.speakers}
            if known and (sides == 1 or names & set(conversation.speakers)):
                what = f"conversation {conversation.id} of {conversation.corpus}"
                side = f", side {' '.join(conversation.speakers)}," if sides > 1 else ""
                skipped.append(Skip(path, None, f"{what}{side} was read before, from {known[0][0]}"))
            else:
                known.append((path, sides, conversation))

    def join(self, skipped: list[Skip]) -> list[Conversation]:
        """Puts the sides together; a conversation of which one is missing is passed over."""
        joined = []
        for (corpus, id), parts in self._found.items():
            path, sides, first = parts[0]
            if len(parts) < sides:
                only = " ".join(first.speakers)
                skipped.append(
                    Skip(
                        path,
                        None,
                        f"conversation {id} of {corpus} has only side {only}, the other is missing",
                    )
                )
            else:
                joined.append(first if sides == 1 else _join([part for _, _, part in parts]))
        return joined


def _join(sides: list[Conversation]) -> Conversation:
    """One conversation from files of one speaker each; it was observed where each of them was."""
    sides = sorted(sides, key=lambda side: side.speakers)
    windows = np.array(
        [[max(s.windows[0, 0] for s in sides), min(s.windows[0, 1] for s in sides)]], dtype=np.float64
    )
    return dataclasses.replace(
        sides[0],
        speakers=tuple(name for side in sides for name in side.speakers),
        speaker=np.concatenate([np.full(len(side.speaker), i, np.int32) for i, side in enumerate(sides)]),
        onset=np.concatenate([side.onset for side in sides]),
        offset=np.concatenate([side.offset for side in sides]),
        mark=np.concatenate([side.mark for side in sides]),
        windows=windows,
    )
