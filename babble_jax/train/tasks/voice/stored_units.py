"""Stores the units that a voice is conditioned on beside its data set, once for each codebook.

Axes: F frames of 10 ms.
"""

import hashlib
from pathlib import Path

import numpy as np

from babble_jax.audio.units import BLOCK, UnitSequence
from babble_jax.dataset.array_file import ArrayFile, ArrayWriter, Column
from babble_jax.dataset.features import count_frames, fingerprint_features, open_cached, open_features
from babble_jax.dataset.source import Recordings
from babble_jax.progress import Progress
from babble_jax.voice.conditioning.unit_models import UnitModels
from babble_jax.voice.conditioning.unit_runs import dedup_phrases, silent_units

ENCODING_VERSION = 1
"""Of the units; it is raised when the same codebook gives others."""
_COLUMNS = {"units": Column("U8"), "pitch": Column("F64"), "rms_db": Column("F64")}
_GAP = 64  # frames between two that are read together


class StoredUnits:
    """Units, pitch and level of recordings as `dedup` reduces them, read slice by slice.

    Args:
      file: those of all recordings of the split.
      recordings: the recordings, all of the split or a selection.
    """

    def __init__(self, file: ArrayFile, recordings: Recordings):
        self._file, self._numbers, self._counts = file, recordings.numbers, count_frames(recordings)

    def take(self, i: int, index: np.ndarray) -> UnitSequence:
        """Reads frames of recording i by their indices [N]; the last frame stands in for those beyond it."""
        number = i if self._numbers is None else int(self._numbers[i])
        index = np.minimum(index, self._counts[i] - 1)
        steps = np.diff(index)
        edges = np.concatenate([[0], np.flatnonzero((steps < 0) | (steps > _GAP)) + 1, [len(index)]])
        parts = []
        for first, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            run = index[first:stop]
            low, high = int(run[0]), int(run[-1]) + 1
            columns = (self._file.read(name, number, low, high) for name in _COLUMNS)
            parts.append([column[run - low] for column in columns])
        units, pitch, rms_db = (np.concatenate(values) for values in zip(*parts, strict=True))
        return UnitSequence(units.astype(np.int64), pitch, rms_db)


def open_units(unit_models: UnitModels, recordings: Recordings, workdir: Path | None = None) -> StoredUnits:
    """Opens the units of recordings, and encodes those of the complete split first where they are not stored.

    Args:
      unit_models: codebook and unit language models.
      recordings: all recordings of a split, or a selection; the data set says where they speak.
      workdir: where the units are stored if the folder of the data set may not be written.

    Raises:
      BabbleError: a recording cannot be read, or the units cannot be written.
    """
    complete = recordings.complete or recordings
    digest = _codebook_digest(unit_models)
    name = _file_name(complete, digest)

    def make(writer: ArrayWriter) -> None:
        _encode_all(unit_models, complete, writer, workdir)

    fingerprint = _fingerprint(complete, digest)
    return StoredUnits(open_cached(complete, name, fingerprint, _COLUMNS, make, workdir), recordings)


def units_are_stored(unit_models: UnitModels, recordings: Recordings, workdir: Path) -> bool:
    """Returns whether there is a file of the units of recordings; it is not read.

    Args:
      unit_models: codebook and unit language models.
      recordings: all recordings of a split, or a selection.
      workdir: folder of the run.
    """
    complete = recordings.complete or recordings
    name = _file_name(complete, _codebook_digest(unit_models))
    return any((folder / name).is_file() for folder in (complete.folder, workdir) if folder is not None)


def _file_name(complete: Recordings, codebook_digest: str) -> str:
    return f"babble-units-{complete.split}-{complete.sample_rate}-{codebook_digest[:12]}.safetensors"


def _codebook_digest(unit_models: UnitModels) -> str:
    """Hashes what the units depend on of the models."""
    digest = hashlib.sha256()
    for field, array in vars(unit_models.codebook).items():
        digest.update(f"{field} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    digest.update(repr([unit_lm.silence_unit for unit_lm in unit_models.unit_lms]).encode())
    return digest.hexdigest()


def _fingerprint(complete: Recordings, codebook_digest: str) -> str:
    """Hashes all that the units of a split depend on; empty for recordings in memory."""
    features = fingerprint_features(complete)
    if not features:
        return ""
    digest = hashlib.sha256(f"{ENCODING_VERSION} {features} {codebook_digest}".encode())
    digest.update(complete.speakers.tobytes())
    for intervals in complete.active or ():
        digest.update(len(intervals).to_bytes(8, "little") + np.ascontiguousarray(intervals).tobytes())
    return digest.hexdigest()


def _encode_all(
    unit_models: UnitModels, complete: Recordings, writer: ArrayWriter, workdir: Path | None
) -> None:
    """Encodes all recordings of a split."""
    features = open_features(complete, workdir)
    assert complete.active is not None
    counts = count_frames(complete).tolist()
    with Progress("encoding units", len(complete), "recordings") as progress:
        for i, (active, frames) in enumerate(zip(complete.active, counts, strict=True)):
            speaker = int(complete.speakers[i])
            encoded = unit_models.codebook.encode_features(features, i, frames, speaker)
            silence = silent_units(min(frames, BLOCK), unit_models.unit_lms[speaker].silence_unit)
            for first in range(0, frames, BLOCK):
                _write(writer, i, first, silence.read(0, min(BLOCK, frames - first)))
            for first, part in dedup_phrases(encoded, active):
                _write(writer, i, first, part)
            progress.update()


def _write(writer: ArrayWriter, i: int, first: int, part: UnitSequence) -> None:
    for name, values in zip(_COLUMNS, part, strict=True):
        writer.write(name, i, first, values)
