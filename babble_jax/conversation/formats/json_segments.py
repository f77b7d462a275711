"""Finds the segments in JSON, wherever they lie: objects with a start, an end or a duration, and a speaker.

The fields are those of `columns`. A segment without a speaker has that of the object around it, or the number of its
channel. Where one list of segments holds another (utterances and their words), the inner one is finer and is taken for
each segment of which all words have times.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from babble_jax.conversation.formats.columns import Column, choose_columns

Path = tuple[str, ...]
_FIRST_ONLY = ("alternatives", "nbest")
_NAMES = ("name", "speaker_label", "label", "id", "@id")
_MARKS = ("punctuation", "punct")
_LEAST_SHARE = 0.5
"""Share of the longest list's time, from which on a list of finer segments is taken instead."""


@dataclasses.dataclass(eq=False)
class Segment:
    """An object with times.

    Attributes:
      path: keys to it, with [] for an index.
      fields: text of each role.
      columns: by role, of its fields.
      speaker: its own or that of an object around it; None where there is none.
      conversation: the same.
      label: whether its speaker is a label, which may be another thing.
      inner: segments in it.
      incomplete: whether words in it have no times.
    """

    path: Path
    fields: dict[str, str]
    columns: dict[str, Column]
    speaker: str | None
    conversation: str | None
    label: bool = False
    inner: list["Segment"] = dataclasses.field(default_factory=list)
    incomplete: bool = False


@dataclasses.dataclass(frozen=True)
class _Around:
    speaker: str | None = None
    conversation: str | None = None
    channel: str | None = None
    segment: Segment | None = None


class Finder:
    """Collects the outermost segments of a value by their path.

    Attributes:
      outermost: segments that lie in no other, by path.
    """

    def __init__(self):
        self.outermost: dict[Path, list[Segment]] = {}

    def search(self, value: Any, path: Path = (), around: _Around = _Around()) -> None:
        """Searches a value of JSON, which is at most 64 deep.

        Args:
          value: of JSON.
          path: keys to it.
          around: of the objects that it lies in.
        """
        if isinstance(value, list):
            self._search_list(value, path, around)
        elif isinstance(value, dict):
            fields = _scalars(value)
            columns = _columns(tuple(fields))
            text = {
                role: fields[column.name] for role, column in columns.items() if fields[column.name] != ""
            }
            around = dataclasses.replace(
                around,
                speaker=text.get("speaker", around.speaker),
                conversation=text.get("conversation", around.conversation),
            )
            if "start" in text and ("end" in text or "duration" in text):
                segment = Segment(path, text, columns, around.speaker or around.channel, around.conversation)
                if segment.speaker is None and "text" in columns and columns["text"].key == "label":
                    segment.speaker, segment.label = text.get("text"), True
                if around.segment is not None:
                    around.segment.inner.append(segment)
                else:
                    self.outermost.setdefault(path, []).append(segment)
                around = dataclasses.replace(around, segment=segment)
            for key, inner in value.items():
                if isinstance(inner, list | dict) and key not in ("segment", "timestamp"):
                    self.search(inner, (*path, key), around)

    def _search_list(self, value: list, path: Path, around: _Around) -> None:
        last = path[-1].lower() if path else ""
        if last in _FIRST_ONLY:
            value = value[:1]
        channels = last in ("channels", "channel") and len(value) > 1
        before = None if around.segment is None else len(around.segment.inner)
        untimed = 0
        for index, inner in enumerate(value):
            if isinstance(inner, dict | list):
                here = dataclasses.replace(around, channel=str(index)) if channels else around
                self.search(inner, (*path, "[]"), here)
            untimed += isinstance(inner, dict) and _is_untimed_word(inner)
        if around.segment is not None and untimed and before != len(around.segment.inner):
            around.segment.incomplete = True


def _is_untimed_word(value: dict) -> bool:
    """Returns whether an object is a word without times, and no mark of punctuation."""
    fields = _scalars(value)
    roles = _columns(tuple(fields))
    kind = str(value.get("type", "")).lower()
    word = fields.get(roles["text"].name, "") if "text" in roles else ""
    return "start" not in roles and kind not in _MARKS and any(map(str.isalnum, word))


def _columns(names: tuple[str, ...]) -> dict[str, Column]:
    columns = _CACHE.get(names)
    if columns is None:
        columns = choose_columns(names)
        if len(_CACHE) < 4096:
            _CACHE[names] = columns
    return columns


_CACHE: dict[tuple[str, ...], dict[str, Column]] = {}


def _scalars(value: dict[str, Any]) -> dict[str, str]:
    """Returns the fields of an object that are text or numbers, and the times and speakers of objects one below it."""
    fields = {}
    for key, field in value.items():
        if isinstance(field, str):
            fields[key] = field.strip()
        elif isinstance(field, int | float) and not isinstance(field, bool):
            fields[key] = repr(field)
        elif isinstance(field, dict):
            if set(field) <= {"seconds", "nanos"} and field:  # Google's durations
                fields[key] = str(_number(field.get("seconds")) + _number(field.get("nanos")) * 1e-9)
            elif isinstance(field.get("original"), str):  # CHiME-5
                fields[key] = field["original"]
            elif key == "speaker":  # of services that describe each one
                names = [field[name] for name in _NAMES if isinstance(field.get(name), str | int)]
                fields |= {key: str(names[0])} if names else {}
            elif key == "segment":  # pyannote.core
                fields |= {name: str(field[name]) for name in ("start", "end") if _is_number(field.get(name))}
        elif (
            key == "timestamp" and isinstance(field, list) and len(field) == 2 and all(map(_is_number, field))
        ):
            fields |= {"start": str(field[0]), "end": str(field[1])}
        elif key == "alternatives" and field and isinstance(field, list) and isinstance(field[0], dict):
            best = field[0]  # Speechmatics
            fields |= {name: best[name] for name in ("speaker", "content") if isinstance(best.get(name), str)}
    return fields


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> float:
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return 0.0


def choose_finest(segments: Sequence[Segment]) -> list[Segment]:
    """Takes for each segment the longest list in it, where all words have times and a speaker, however deep."""
    finest = []
    for segment in segments:
        lists: dict[Path, list[Segment]] = {}
        for one in segment.inner:
            lists.setdefault(one.path, []).append(one)
        inner = max(lists.values(), key=len, default=[])
        if inner and not segment.incomplete and all(one.speaker is not None for one in inner):
            finest += choose_finest(inner)
        else:
            finest.append(segment)
    return finest


def choose_list(lists: dict[Path, list[Segment]], seconds: dict[Path, float]) -> Path:
    """Chooses the list of segments that says most: of the longest in time, the one that has the most segments in it.

    Args:
      lists: segments that name a speaker, by path; at least one.
      seconds: sum of the durations of each, in any unit.
    """
    longest = max(seconds.values())
    candidates = [path for path in lists if seconds[path] >= _LEAST_SHARE * longest]
    return max(candidates, key=lambda path: len(choose_finest(lists[path])))
