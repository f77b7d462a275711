"""A split of a data set folder as `babble dataset` writes it, opened from our own description, which is checked first.

The folder holds array_record files, the index in `metadata.json`, and `manifest.json` with the digest of each file.
TFDS reads the folder too, by files that it wrote itself. Those are not looked at here, since TFDS imports the modules
that they name. Every damaged byte is noticed: the manifest has the digest of the index, and the index has a checksum of
each recording.

Axes: N recordings of a split, T samples, K intervals of activity.
"""

import dataclasses
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import Field

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json, read_bytes, read_json

FORMAT_VERSION = 2  # of manifest and index
KIND = f"{files.KIND_PREFIX}data set"
INDEX = "metadata.json"
_MAX_INDEX = 4 * 1024**3  # bytes
_REMEDY = "build the data set again"
_SHARD = re.compile(r"recordings-([a-z]+)\.array_record-\d{5}-of-\d{5}")


@dataclasses.dataclass(frozen=True)
class StoredSplit:
    """A split as it is stored.

    Attributes:
      samples: [N] samples of each recording.
      speaker: [N] indices into `speakers`.
      speakers: names.
      sample_rate: Hz.
      gain: factor for the amplitudes.
      read_samples: gives recording i as [T] int16.
      folder: of the data set.
      fingerprint: tells the sound of the split from that of others; empty where its files are out of reach.
      active: [N] intervals of speech of each recording, [K, 2] float64 seconds; None where the data set does not say.
    """

    samples: list[int]
    speaker: list[int]
    speakers: list[str]
    sample_rate: int
    gain: float
    read_samples: Callable[[int], np.ndarray]
    folder: Path
    fingerprint: str
    active: tuple[np.ndarray, ...] | None = None


def write_manifest(folder: Path) -> None:
    """Writes the manifest of a data set whose other files are complete."""
    digests = {path.name: files.sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}
    files.write_json(folder / files.MANIFEST, {"kind": KIND, "format": FORMAT_VERSION, "sha256": digests})


def checksum(samples: np.ndarray) -> int:
    """Computes the CRC-32 of [T] int16 samples, as their bytes are stored."""
    return zlib.crc32(np.ascontiguousarray(samples, "<i2").data.cast("B"))


def open_stored_split(folder: Path, split: str) -> StoredSplit:
    """Opens a split of a folder that has a manifest.

    Args:
      folder: of the data set.
      split: name of the split.

    Raises:
      BabbleError: it has no such split, was built by another version, or is damaged.
    """
    manifest = _read_manifest(folder)
    index = _read_index(folder, manifest["sha256"])
    if split not in index.samples:
        there = ", ".join(index.samples)
        raise BabbleError(f"{folder}: has no split {split!r}; choose from {there}, or add recordings.")
    shards = {name: digest for name, digest in sorted(manifest["sha256"].items()) if _split_of(name) == split}
    samples, checksums = index.samples[split], index.crc32[split]
    source = _open_shards([folder / name for name in shards], len(samples))

    def read_samples(i: int) -> np.ndarray:
        from tensorflow_datasets.proto import tf_example_pb2

        try:
            example = tf_example_pb2.Example.FromString(source[i])  # pyright: ignore[reportAttributeAccessIssue]
            stored = np.frombuffer(example.features.feature["audio"].bytes_list.value[0], "<i2")
        except Exception as error:
            # array_record raises a RuntimeError of its own words, protobuf whatever its parser does.
            raise BabbleError(
                f"{folder}: recording {i} of {split} cannot be read ({one_line(error)}); {_REMEDY}."
            ) from error
        if len(stored) == samples[i] and checksum(stored) != checksums[i]:
            raise BabbleError(
                f"{folder}: recording {i} of {split} is damaged (its checksum differs); {_REMEDY}."
            )
        return stored.astype(np.int16, copy=False)

    return StoredSplit(
        samples=samples,
        speaker=index.speaker[split],
        speakers=index.speakers,
        sample_rate=index.sample_rate,
        gain=index.gain,
        read_samples=read_samples,
        folder=folder,
        fingerprint=json.dumps(shards),
        active=tuple(
            np.array(intervals, np.float64).reshape(-1, 2) / index.sample_rate
            for intervals in index.active[split]
        ),
    )


def one_line(error: Exception) -> str:
    """Returns the message of an error of another library in one line."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def _split_of(name: str) -> str | None:
    match = _SHARD.fullmatch(name)
    return match[1] if match else None


def _other_kind(manifest: Any) -> str:
    """Says of what the manifest of another folder of this package is; empty for any other file."""
    kind = manifest.get("kind") if isinstance(manifest, dict) else None
    if not isinstance(kind, str) or not kind.startswith(files.KIND_PREFIX):
        return ""
    return f" but of {kind.removeprefix(files.KIND_PREFIX)}"


def _read_manifest(folder: Path) -> dict[str, Any]:
    """Reads and checks the manifest of a data set."""
    path = folder / files.MANIFEST
    manifest = read_json(path, remedy=_REMEDY)
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        kind = _other_kind(manifest)
        remedy = "name a folder that `babble dataset` made" if kind else _REMEDY
        raise BabbleError(f"{path}: is no manifest of a data set{kind}; {remedy}.")
    if manifest.get("format") != FORMAT_VERSION:
        raise BabbleError(f"{path}: is of another version; {_REMEDY}.")
    digests = manifest.get("sha256")
    if not isinstance(digests, dict) or not all(
        isinstance(digest, str) and re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests.values()
    ):
        raise BabbleError(f"{path}: is damaged; {_REMEDY}.")
    return manifest


def _read_index(folder: Path, digests: dict[str, str]) -> "_Index":
    """Reads the index of a data set and checks it against the manifest's digest and against its own rules.

    Args:
      folder: of the data set.
      digests: of the files, by the manifest.
    """
    path = folder / INDEX
    content = read_bytes(path, _MAX_INDEX)
    if hashlib.sha256(content).hexdigest() != digests.get(INDEX):
        raise BabbleError(f"{path}: is damaged (its digest is not the manifest's); {_REMEDY}.")
    try:
        values = parse_json(content.decode(), str(path), _REMEDY)
        index = _Index.model_validate(values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the index"
        raise BabbleError(f"{path}: {where}: {one_line(ValueError(first['msg']))}; {_REMEDY}.") from error
    except UnicodeDecodeError as error:
        raise BabbleError(f"{path}: is not UTF-8; {_REMEDY}.") from error
    if set(index.samples) != {split for split in map(_split_of, digests) if split is not None}:
        raise BabbleError(f"{path}: has other splits than the manifest; {_REMEDY}.")
    return index


def _open_shards(paths: list[Path], count: int) -> Any:
    """Opens array_record files as one sequence of records.

    Args:
      paths: of the files.
      count: of the records.
    """
    from array_record.python.array_record_data_source import ArrayRecordDataSource

    folder = paths[0].parent
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise BabbleError(f"{missing[0]}: there is no such file; {_REMEDY}.")
    try:
        source = ArrayRecordDataSource([str(path) for path in paths])
    except Exception as error:
        # array_record raises a RuntimeError of its own words.
        raise BabbleError(
            f"{folder}: the recordings cannot be opened ({one_line(error)}); {_REMEDY}."
        ) from error
    if len(source) != count:
        raise BabbleError(
            f"{folder}: holds {len(source)} recordings where its index says {count}; {_REMEDY}."
        )
    return source


_Name = Annotated[str, Field(pattern=r"^[a-z]+$")]
_Count = Annotated[int, Field(ge=0, lt=2**31)]
_Samples = Annotated[int, Field(gt=0, lt=2**31)]
_Interval = tuple[_Count, _Count]


class _Index(pydantic.BaseModel):
    """The part of `metadata.json` that is read; lists have an item for each recording of a split."""

    model_config = pydantic.ConfigDict(strict=False, extra="ignore", frozen=True)

    format: Literal[2]
    sample_rate: Annotated[int, Field(ge=1_000, le=192_000)]
    gain: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
    speakers: Annotated[list[str], Field(min_length=1)]
    samples: Annotated[dict[_Name, Annotated[list[_Samples], Field(min_length=1)]], Field(min_length=1)]
    speaker: dict[_Name, list[_Count]]
    active: dict[_Name, list[list[_Interval]]]
    crc32: dict[_Name, list[Annotated[int, Field(ge=0, lt=2**32)]]]

    @pydantic.model_validator(mode="after")
    def _check(self) -> "_Index":
        for name in ("speaker", "active", "crc32"):
            counts = {split: len(items) for split, items in getattr(self, name).items()}
            if counts != {split: len(items) for split, items in self.samples.items()}:
                raise ValueError(f"{name} has not one item for each recording")
        if any(max(speakers) >= len(self.speakers) for speakers in self.speaker.values()):
            raise ValueError("a recording has a speaker without a name")
        for split, recordings in self.active.items():
            for intervals, samples in zip(recordings, self.samples[split], strict=True):
                if any(not first < end <= samples for first, end in intervals):
                    raise ValueError("an interval of speech lies outside of its recording")
        return self
