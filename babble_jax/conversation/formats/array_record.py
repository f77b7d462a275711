"""Conversations as records of array_record files: corpora of thousands of hours, read conversation by conversation.

A record is one conversation as a safetensors blob, which other programs read, too:

- tensors `onset`, `end` [N] float64 seconds, `speaker` [N] uint16, `mark` [N] uint8 (0 speech, 1 laughter, 2 another
  sound of the voice), `windows` [W, 2] float64 seconds, the stretches that were observed;
- metadata `conversation`: JSON with `version` (1), `id`, `corpus`, `speakers` (names, which `speaker` indexes), `unit`,
  `language`, `group`, `time_resolution`, as `babble_jax.conversation.conversation.Conversation` has them.

Times are exact. Words of the segments are not stored. Each record is compressed on its own (`group_size:1`), so that
any one is read without its neighbours: 28 kB for an hour of two speakers.

Axes: N segments, W observed windows.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np

from babble_jax.conversation.conversation import Conversation, Unit
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json

NAME = "array_record"
VERSION = 1
"""Of the records."""
MOST_SPEAKERS = 2**16
_MAGIC = bytes.fromhex("83af70d10d884a3f")  # of Riegeli, in which array_record files are written
_BLOCK = 64  # records that are read at once
_LONGEST_RECORD = 2**28  # bytes
_TENSORS = {"onset": "F64", "end": "F64", "speaker": "U16", "mark": "U8", "windows": "F64"}
_DTYPES = {"F64": np.dtype("<f8"), "U16": np.dtype("<u2"), "U8": np.dtype("u1")}
_KEYS = ("id", "corpus", "speakers", "unit", "language", "group", "time_resolution")


def is_array_record(head: bytes) -> bool:
    """Tells by its first bytes whether a file holds records."""
    return head.startswith(_MAGIC)


def encode_record(conversation: Conversation) -> bytes:
    """Encodes a conversation, without the words of its segments, as one record.

    Raises:
      BabbleError: it has more speakers than a record can number.
    """
    from safetensors.numpy import save  # here and below: only who reads or writes records waits for it

    if len(conversation.speakers) > MOST_SPEAKERS:
        raise BabbleError(
            f"{conversation.id}: has {len(conversation.speakers)} speakers; a record holds {MOST_SPEAKERS} at most."
        )
    values: dict[str, Any] = {"version": VERSION, **{key: getattr(conversation, key) for key in _KEYS}}
    arrays = {
        name: np.ascontiguousarray(getattr(conversation, name), _DTYPES[dtype])
        for name, dtype in _TENSORS.items()
    }
    return save(arrays, {"conversation": json.dumps(values, ensure_ascii=False)})


def decode_record(record: bytes) -> Conversation:
    """Decodes a record.

    Raises:
      ValueError: it is none, with the reason.
    """
    import safetensors

    if len(record) > _LONGEST_RECORD:
        raise ValueError("it is longer than any conversation")
    try:
        length = int.from_bytes(record[:8], "little")
        metadata = parse_json(record[8 : 8 + length].decode(), "the header")["__metadata__"]
        values = parse_json(metadata["conversation"], "the metadata")
        tensors = dict(safetensors.deserialize(record))
    except (BabbleError, safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError("it is no conversation of this package") from error
    if not isinstance(values, dict) or values.get("version") != VERSION:
        raise ValueError(f"it is of another version than {VERSION}")
    arrays = {}
    for name, dtype in _TENSORS.items():
        if name not in tensors or tensors[name]["dtype"] != dtype:
            raise ValueError(f"it has no {name} of type {dtype}")
        arrays[name] = np.frombuffer(tensors[name]["data"], _DTYPES[dtype]).reshape(tensors[name]["shape"])
    _check(values, arrays)
    return Conversation(
        id=values["id"],
        corpus=values["corpus"],
        speakers=tuple(values["speakers"]),
        speaker=arrays["speaker"].astype(np.int32),
        onset=arrays["onset"],
        end=arrays["end"],
        mark=arrays["mark"],
        unit=values["unit"],
        language=values["language"],
        group=values["group"],
        windows=arrays["windows"],
        time_resolution=float(values["time_resolution"]),
    )


def _check(values: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Raises `ValueError` where values and arrays make no conversation."""
    for name in ("id", "corpus", "group"):
        if not isinstance(values.get(name), str):
            raise ValueError(f"its {name} is no text")
    names, resolution = values.get("speakers"), values.get("time_resolution")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("its speakers are no list of names")
    if values.get("unit") not in get_args(Unit):
        raise ValueError(f"its unit is none of {', '.join(get_args(Unit))}")
    if not isinstance(values.get("language", 0), str | None):
        raise ValueError("its language is no text")
    if isinstance(resolution, bool) or not isinstance(resolution, int | float) or not 0 <= resolution < 1e6:
        raise ValueError("its time_resolution is no number of seconds")
    shape, windows = arrays["onset"].shape, arrays["windows"]
    if len(shape) != 1 or any(arrays[name].shape != shape for name in ("end", "speaker", "mark")):
        raise ValueError("its arrays are not equally long")
    if windows.ndim != 2 or windows.shape[1] != 2 or (np.diff(windows.ravel()) < 0).any():
        raise ValueError("its windows are no pairs of times in order")
    if not all(np.isfinite(arrays[name]).all() for name in ("onset", "end", "windows")):
        raise ValueError("some of its times are not finite")
    if len(arrays["speaker"]) and arrays["speaker"].max() >= len(names):
        raise ValueError("a segment has a speaker without a name")
    if len(arrays["mark"]) and arrays["mark"].max() > 2:
        raise ValueError("a segment has a mark that is not known")


def write_records(path: str | os.PathLike, conversations: Iterable[Conversation]) -> int:
    """Writes a file with a record for each conversation; the same conversations make the same bytes.

    Args:
      path: of the file, for which `babble_jax.files.atomic_write` gives a temporary name.
      conversations: in the order of the records; they are taken one by one.

    Returns:
      The number of records.
    """
    from array_record.python.array_record_module import ArrayRecordWriter

    writer, count = ArrayRecordWriter(str(path), "group_size:1"), 0
    try:
        for conversation in conversations:
            writer.write(encode_record(conversation))
            count += 1
    finally:
        writer.close()
    return count


def count_records(path: str | os.PathLike) -> int | None:
    """Counts the records of a file; None where it is missing, damaged, or not complete."""
    from array_record.python.array_record_data_source import ArrayRecordDataSource

    if not Path(path).is_file():
        return None
    try:
        with ArrayRecordDataSource([str(path)]) as source:
            return len(source)
    except Exception:  # array_record raises a RuntimeError of its own words
        return None


def read_raw_records(
    path: str | os.PathLike, numbers: Iterable[int] | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yields records of a file with their numbers from 0, a few of them in memory at a time.

    Args:
      path: of the file.
      numbers: of the records; all in order where absent.

    Raises:
      BabbleError: the file cannot be read.
    """
    from array_record.python.array_record_data_source import ArrayRecordDataSource

    try:
        with ArrayRecordDataSource([str(path)]) as source:
            wanted = list(range(len(source))) if numbers is None else list(numbers)
            for first in range(0, len(wanted), _BLOCK):
                block = wanted[first : first + _BLOCK]
                yield from zip(block, source.__getitems__(block), strict=True)
    except (RuntimeError, ValueError, IndexError, OSError) as error:
        raise BabbleError(
            f"{path}: the records cannot be read; the file is damaged or not complete."
        ) from error
