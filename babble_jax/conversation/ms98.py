"""Switchboard's MS98 word files: `utterance-id start end word`, one file a side, `sw2001A-ms98-a-word.text`.

Axes: R rows of one file.

- `[silence]` and `[noise]` are dropped. `[laughter]` is laughter and `[vocalized-noise]` vocal noise. Every
  other row is speech, words spoken while laughing (`[laughter-yes]`) too.
- The rows of a side tile the call from 0 to its end, so that a side's window is 0 to its last end; the window
  of the call is what both sides cover (in the release they end together).
- Times are multiples of an eighth of a millisecond, the sampling interval.
- The conversation is the call (`sw2001`), and so is its group: the speakers of a call are not named in the
  files.
"""

import re

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.source import Rows, Skip, Source, interval, legible

NAME = "ms98"
SIDES = 2
GRID = 0.000125

_LINE = re.compile(r"^(sw\d+)([AB])-ms98-a-\S+\s+\S+\s+\S+\s+\S+\s*$")
_ID = re.compile(r"^(sw\d+)([AB])-ms98-a-\S+$")
_SILENT = ("[silence]", "[noise]")
_MARKS = {"[laughter]": Mark.LAUGHTER, "[vocalized-noise]": Mark.VOCAL_NOISE}


def sniff(head: str) -> bool:
    """Whether the first lines of a file hold a row of this format."""
    return any(_LINE.match(line) for line in head.splitlines())


def parse(source: Source) -> tuple[list[Conversation], list[Skip]]:
    """The side of a call that a file holds, as a conversation of one speaker ("A" or "B")."""
    whole = _parse_whole(source)
    return ([whole], []) if whole is not None else _parse_lines(source)


def _side(call: str, side: str, rows: tuple[np.ndarray, np.ndarray, np.ndarray], end: float) -> Conversation:
    onset, offset, mark = rows
    return Conversation(
        id=call,
        corpus="switchboard",
        speakers=(side,),
        speaker=np.zeros(len(onset), np.int32),
        onset=onset,
        offset=offset,
        mark=mark,
        unit="word",
        language="en",
        group=call,
        windows=np.array([[0.0, end]]),
        grid=GRID,
    )


def _parse_whole(source: Source) -> Conversation | None:
    """The fast path: all rows at once; None where any row is not in order."""
    text = source.text
    fields = text.split()
    identities, word = fields[0::4], fields[3::4]
    first = _ID.match(identities[0]) if identities else None
    lines = text.count("\n") + (not text.endswith("\n"))
    if first is None or len(fields) != 4 * lines or "\ufffd" in text:
        return None
    prefix = f"{first[1]}{first[2]}-ms98-a-"
    try:
        onset, offset = np.array(fields[1::4], np.float64), np.array(fields[2::4], np.float64)
    except ValueError:
        return None
    sound = np.all((onset >= 0) & (offset >= onset) & (offset < np.inf))  # NaN fails each comparison
    if not sound or not all(identity.startswith(prefix) for identity in identities):
        return None
    kept = np.array([w not in _SILENT for w in word])
    mark = np.array([_MARKS.get(w, Mark.SPEECH) for w in word], np.uint8)
    return _side(first[1], first[2], (onset[kept], offset[kept], mark[kept]), float(offset.max()))


def _parse_lines(source: Source) -> tuple[list[Conversation], list[Skip]]:
    """The careful path: one row after another."""
    rows: dict[tuple[str, str], Rows] = {}
    end: dict[tuple[str, str], float] = {}
    skipped = []
    for number, line in enumerate(source.text.splitlines(), 1):
        fields = line.split()
        if not fields:
            continue
        try:
            legible(line)
            identity = _ID.match(fields[0])
            if identity is None:
                raise ValueError(f"{fields[0][:40]!r} is no utterance of a call")
            if len(fields) != 4:
                raise ValueError(f"{len(fields)} fields where there should be 4 (utterance start end word)")
            onset, offset = interval(fields[1], fields[2])
        except ValueError as error:
            skipped.append(Skip(source.path, number, str(error)))
            continue
        side = (identity[1], identity[2])
        end[side] = max(end.get(side, 0.0), offset)
        at = rows.setdefault(side, Rows())
        if fields[3] not in _SILENT:
            at.add(side[1], onset, offset, _MARKS.get(fields[3], Mark.SPEECH))
    return [_side(*side, at.arrays(), end[side]) for side, at in rows.items()], skipped
