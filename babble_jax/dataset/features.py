"""Measures the pitch, level and cepstra of all recordings of a split once, and stores them beside the dataset.

They are computed again where the recordings or the analysis have changed, or where the file is damaged. Recordings of
up to five minutes (at 16 kHz; shorter at higher rates) are measured in one piece. Longer ones are measured in pieces
that overlap, of which the middles are taken, so that memory is bounded.

Axes: R recordings, T samples, F frames of 10 ms, M cepstral coefficients.
"""

import collections
import contextlib
import hashlib
import json
import os
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from babble_jax import files
from babble_jax.audio.level import rms_db
from babble_jax.audio.pcm import from_int16
from babble_jax.audio.pitch import HOP, f0_contour, frame_count
from babble_jax.audio.units import COEFFICIENTS, FeatureName, cepstra
from babble_jax.dataset.array_file import ArrayFile, ArrayWriter, Column, UnusableFileError, write_array_file
from babble_jax.dataset.source import Recordings
from babble_jax.errors import BabbleError
from babble_jax.locks import wait_for_lock
from babble_jax.progress import Progress

ANALYSIS_VERSION = 1
"""Of the measures; it is raised when their values change."""
COLUMNS = {"f0": Column("F64"), "rms_db": Column("F64"), "cepstra": Column("F32", COEFFICIENTS)}
_PIECE_SAMPLES = 4_800_000  # of a long recording, that are measured at once: 300 s at 16 kHz
_MARGIN = 5  # seconds by which pieces overlap on each side
_THREADS = 4  # at most

Measures = tuple[np.ndarray, np.ndarray, np.ndarray]  # in the order of COLUMNS


class Piece(NamedTuple):
    """A piece of a recording, measured by itself.

    Attributes:
      start: first sample, margin included.
      stop: last sample + 1, margin included.
      first: first frame of the recording that is taken from the piece.
      skip: frames of the piece before that one.
      frames: number of frames that are taken.
    """

    start: int
    stop: int
    first: int
    skip: int
    frames: int


class StoredFeatures:
    """Raw features of recordings, read slice by slice; see `babble_jax.audio.units.RawFeatures`.

    Args:
      file: features of all recordings of the split.
      recordings: the recordings, all of the split or a selection.
    """

    def __init__(self, file: ArrayFile, recordings: Recordings):
        self._file, self._numbers = file, recordings.numbers

    def read(self, name: FeatureName, i: int, first: int, stop: int) -> np.ndarray:
        """Reads frames `first` to `stop` - 1 of recording i.

        Args:
          name: "f0", "rms_db" or "cepstra".
          i: number of the recording.
          first: frame.
          stop: frame, at most the number of frames of the recording.
        """
        return self._file.read(name, i if self._numbers is None else int(self._numbers[i]), first, stop)


def count_frames(recordings: Recordings) -> np.ndarray:
    """Counts the frames of 10 ms of each recording: [R] int64."""
    rate = recordings.sample_rate
    return np.array([frame_count(int(length), rate) for length in recordings.lengths], np.int64)


def fingerprint_features(recordings: Recordings) -> str:
    """Hashes all that the features of a split depend on; empty for recordings in memory."""
    complete = recordings.complete or recordings
    if not complete.fingerprint:
        return ""
    parts = [ANALYSIS_VERSION, complete.sample_rate, complete.fingerprint, complete.lengths.tolist()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def open_features(recordings: Recordings, workdir: Path | None = None) -> StoredFeatures:
    """Opens the features of recordings, and measures those of the complete split first where they are not stored.

    Args:
      recordings: all recordings of a split, or a selection.
      workdir: where the features are stored if the folder of the dataset may not be written.

    Raises:
      BabbleError: a recording cannot be read, or the features cannot be written.
    """
    complete = recordings.complete or recordings
    name = f"babble-features-{complete.split}-{complete.sample_rate}.safetensors"

    def make(writer: ArrayWriter) -> None:
        _measure_all(complete, writer)

    file = open_cached(complete, name, fingerprint_features(complete), COLUMNS, make, workdir)
    return StoredFeatures(file, recordings)


_open_files: weakref.WeakKeyDictionary[Recordings, dict[tuple[str, str], ArrayFile]] = (
    weakref.WeakKeyDictionary()
)


def open_cached(
    complete: Recordings,
    name: str,
    fingerprint: str,
    columns: Mapping[str, Column],
    make: Callable[[ArrayWriter], None],
    workdir: Path | None,
    counts: np.ndarray | None = None,
) -> ArrayFile:
    """Opens a file of arrays that are computed from recordings, and makes it where need be.

    It lies in the folder of the dataset; where that may not be written, in the run's folder; without one, in a
    temporary folder. Of several processes that need it at once one makes it, and the others wait for that.

    Args:
      complete: all recordings of a split.
      name: of the file.
      fingerprint: of all that the arrays are computed from; empty for recordings in memory.
      columns: the arrays by name.
      make: writes all rows.
      workdir: folder of the run, if any.
      counts: [R] rows of each recording; None for one every 10 ms.

    Raises:
      BabbleError: the file cannot be written, or `make` raises one.
    """
    open_files = _open_files.setdefault(complete, {})
    if (name, fingerprint) in open_files:
        return open_files[name, fingerprint]
    counts = count_frames(complete) if counts is None else counts
    places = [place for place in (complete.folder, workdir) if place is not None] if fingerprint else []
    file = _open_stored([place / name for place in places], fingerprint, columns, counts)
    if file is None:
        file = _make_file(places, name, fingerprint, columns, counts, make)
    open_files[name, fingerprint] = file
    return file


def _make_file(
    places: list[Path],
    name: str,
    fingerprint: str,
    columns: Mapping[str, Column],
    counts: np.ndarray,
    make: Callable[[ArrayWriter], None],
) -> ArrayFile:
    """Makes a file of arrays in the first of some folders that may be written, or in a temporary one, and opens it."""
    scratch, place = None, next((place for place in places if _may_write(place)), None)
    if place is None:
        scratch = contextlib.ExitStack()
        place = scratch.enter_context(files.scratch_folder())
    if places and place != places[0]:
        stored = "not stored" if scratch else f"stored in {place}"
        _note(f"{places[0]}: the folder may not be written; what is measured on its recordings is {stored}.")
    try:
        with _lock_beside(place / name, scratch is None):
            array_file = (
                None if scratch else _open_stored([place / name], fingerprint, columns, counts, report=False)
            )
            if array_file is not None:  # by another process meanwhile
                return array_file
            with write_array_file(place / name, fingerprint, columns, counts) as writer:
                make(writer)
            return ArrayFile(place / name, fingerprint, columns, counts, scratch)
    except BaseException as error:
        if scratch is not None:
            scratch.close()
        if isinstance(error, UnusableFileError | OSError):
            raise BabbleError(f"{place / name}: cannot be read back ({error}); look at the disk.") from error
        raise


@contextlib.contextmanager
def _lock_beside(path: Path, shared: bool) -> Iterator[None]:
    """Lets one process at a time make a file that others may need, too; where no lock can be made, it goes on without.

    Args:
      path: of the file.
      shared: whether others may need it.
    """
    with contextlib.ExitStack() as stack:
        if shared:
            lock = wait_for_lock(
                path.with_name(f".{path.name}.lock"), lambda holder: _note(f"{path}: waiting for {holder}.")
            )
            with contextlib.suppress(OSError):
                stack.enter_context(lock)
        yield


def _open_stored(
    paths: list[Path],
    fingerprint: str,
    columns: Mapping[str, Column],
    counts: np.ndarray,
    report: bool = True,
) -> ArrayFile | None:
    """Opens the first usable one of some files, and says why another one is not, where `report` says so."""
    say = _note if report else lambda text: None
    for path in paths:
        try:
            if path.is_file():
                return ArrayFile(path, fingerprint, columns, counts)
        except UnusableFileError as reason:
            say(f"{path}: {reason}; it is made again.")
        except OSError as error:
            say(f"{path}: cannot be read ({error.strerror}); it is made again.")
    return None


def _may_write(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _measure_all(recordings: Recordings, writer: ArrayWriter) -> None:
    """Measures all recordings, pieces side by side in threads, and writes what is measured."""
    rate, names = recordings.sample_rate, list(COLUMNS)
    threads = min(
        _THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    pending: collections.deque[tuple[int, Piece, Future[Measures]]] = collections.deque()
    total = max(1, round(recordings.seconds))
    with (
        Progress("measuring pitch and level", total, "seconds of sound") as progress,
        ThreadPoolExecutor(threads) as pool,
    ):
        done, shown = 0.0, 0

        def collect() -> None:
            nonlocal done, shown
            i, piece, future = pending.popleft()
            for name, values in zip(names, future.result(), strict=True):
                writer.write(name, i, piece.first, values)
            done += piece.frames * HOP
            advance = min(total, round(done)) - shown
            shown += advance
            progress.update(advance)

        for i in range(len(recordings)):
            samples = recordings.read(i)
            for piece in list_pieces(len(samples), rate):
                pending.append((i, piece, pool.submit(measure_piece, samples, rate, piece)))
                if len(pending) > threads:
                    collect()
        while pending:
            collect()


def list_pieces(
    samples: int, rate: int, seconds: int | None = None, margin: int = _MARGIN
) -> Iterator[Piece]:
    """Lists the pieces of a recording that are measured by themselves; one where it is not long.

    Args:
      samples: T.
      rate: Hz.
      seconds: length of a piece without its margins; None for that which bounds memory.
      margin: seconds by which pieces overlap on each side.
    """
    frames = frame_count(samples, rate)
    length = seconds or max(1, _PIECE_SAMPLES // rate)
    by_piece = round(length / HOP)
    if samples <= length * rate:
        yield Piece(0, samples, 0, 0, frames)
        return
    for number in range(-(-frames // by_piece)):
        before = min(margin, number * length)
        yield Piece(
            (number * length - before) * rate,
            min(samples, ((number + 1) * length + margin) * rate),
            number * by_piece,
            round(before / HOP),
            min(by_piece, frames - number * by_piece),
        )


def measure_piece(samples: np.ndarray, rate: int, piece: Piece) -> Measures:
    """Measures a piece of a recording.

    Args:
      samples: [T] int16, the recording.
      rate: Hz.
      piece: the piece, F frames.

    Returns:
      f0 [F] float64 Hz, level [F] float64 dB, cepstra [F, M] float32.
    """
    audio = from_int16(samples[piece.start : piece.stop])
    taken = slice(piece.skip, piece.skip + piece.frames)
    return f0_contour(audio, rate)[taken], rms_db(audio, rate)[taken], cepstra(audio, rate)[taken]
