"""Builds a TFDS dataset from folders of sound files: one record per file, int16, with the index in the metadata.

The folders are read once: every usable file is resampled, trimmed and appended to a scratch file; then splits
and gain are computed, and the records are written beside `out` and renamed into place.

Axes: T samples, N recordings of a split, K intervals of activity.
"""

import collections
import contextlib
import dataclasses
import hashlib
import io
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core import shuffle
from tensorflow_datasets.core.writer import ExampleWriter
from tensorflow_datasets.proto import tf_example_pb2

from babble_jax import files
from babble_jax.audio import activity, pcm, silence, sound_types, wave
from babble_jax.dataset.stored_split import FORMAT_VERSION, checksum, write_manifest
from babble_jax.dataset.tfds_folder import BUILDER, PEAK
from babble_jax.errors import BabbleError
from babble_jax.folders import walk_files
from babble_jax.progress import Progress

SPLITS = ("train", "validation", "test")
KIND = "data set"  # of a folder, in messages
SAMPLE_RATES = (1_000, 192_000)  # Hz, lowest and highest
MOST_PAD = 60.0  # seconds


@dataclasses.dataclass(frozen=True)
class DatasetReport:
    """The contents of a dataset that `build_from_folders` has written.

    Attributes:
      path: of the dataset.
      sample_rate: Hz.
      gain: factor that brings the loudest sample of the training split to 0.9.
      speakers: names; a record holds an index into them.
      counts: recordings per split; a split without any is absent.
      seconds: of sound per split.
      bad: (path, reason) of each file that was skipped.
      notes: sentences about anything out of the ordinary.
    """

    path: Path
    sample_rate: int
    gain: float
    speakers: tuple[str, ...]
    counts: dict[str, int]
    seconds: dict[str, float]
    bad: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _ScratchRecording:
    """A usable file: `samples` int16 from byte `start` of the scratch file."""

    name: str  # relative to its folder, with forward slashes: it decides the split
    source: str  # name of its folder, of several; else empty
    speaker: str
    start: int
    samples: int
    peak: float  # amplitude
    active: np.ndarray  # [K, 2] int64 samples
    crc32: int  # of the samples

    @property
    def full_name(self) -> str:
        """Its name in the dataset."""
        return f"{self.source}/{self.name}" if self.source else self.name


def build_from_folders(
    audio_dir: str | os.PathLike | Sequence[str | os.PathLike],
    out: str | os.PathLike,
    sample_rate: int = 16_000,
    trim: bool = True,
    below_peak: float = silence.BELOW_PEAK_DB,
    pad: float = 0.0,
    rescale: bool = False,
) -> DatasetReport:
    """Builds a dataset from folders of sound files (wav, flac, ogg, mp3; hidden files are passed over).

    Files in a sub-folder, however deep, belong to the speaker it is named after; files directly in the folder
    belong to one speaker named after the folder. Records stand in the order of the folders and then of the files'
    relative names, so that the same folders give the same dataset. Amplitudes are stored unchanged, and
    one gain for the dataset in the metadata: bring folders of very different levels to one level first. The index holds
    the intervals of speech of each recording, from the phone labels in NAME.lab where that file lies beside the sound
    file NAME, else from the energy (`babble_jax.audio.activity`). The first file takes 20 s longer where librosa has
    not been compiled on the machine.

    `split_from_name` assigns a file to a split by its name relative to its own folder. A split that is left empty gets
    the recording with the largest hash from the largest split. With two usable recordings there is no test split, with
    one no validation split either. The notes of the report say so.

    Args:
      audio_dir: the folder, or several.
      out: where the dataset is written; absent, or an empty folder.
      sample_rate: Hz of the dataset.
      trim: cuts silence off both ends (`babble_jax.audio.silence`).
      below_peak: dB under the loudest frame that count as silence.
      pad: seconds of zeros put before and after each recording, from which a voice that is conditioned on activity
        learns silence.
      rescale: brings every recording to a peak of 0.9, as the SampleRNN authors' code does with each chunk: the
        differences in level between recordings are lost.

    Returns:
      The report; unusable files are listed in it.

    Raises:
      BabbleError: there is no such folder, it holds no usable file, `out` is taken, or the rate is out of
        range.
    """
    paths = [audio_dir] if isinstance(audio_dir, (str, os.PathLike)) else audio_dir
    folders, out = [Path(path) for path in paths], Path(out)
    if not SAMPLE_RATES[0] <= sample_rate <= SAMPLE_RATES[1]:
        raise BabbleError(
            f"sample rate {sample_rate} Hz: choose from {SAMPLE_RATES[0]} to {SAMPLE_RATES[1]}."
        )
    if not 0 <= pad <= MOST_PAD:
        raise BabbleError(f"pad is {pad} s; choose from 0 to {MOST_PAD:.0f}.")
    if not folders:
        raise BabbleError("There is no folder to read; name one that holds sound files.")
    for folder in folders:
        if not folder.is_dir():
            raise BabbleError(f"{folder}: there is no such folder; name one that holds sound files.")
    sources = [folder.resolve().name if len(folders) > 1 else "" for folder in folders]
    if len(set(sources)) < len(sources):
        raise BabbleError(f"two of the folders have the same name ({', '.join(sources)}); rename one.")
    files.check_folder(out, KIND)
    sounds = [
        (folder, source, list_sound_files(folder)) for folder, source in zip(folders, sources, strict=True)
    ]
    for folder, _, names in sounds:
        if not names:
            kinds = ", ".join(sound_types.SUFFIXES)
            raise BabbleError(f"{folder}: holds no sound file ({kinds}); check the folder.")
    total = sum(len(names) for _, _, names in sounds)

    with files.atomic_folder(out, KIND) as temporary:
        scratch_path = temporary / "pcm"
        recordings: list[_ScratchRecording] = []
        bad: list[tuple[str, str]] = []
        with scratch_path.open("wb") as scratch, Progress("reading", total, "files") as progress:
            for folder, source, name in [(f, s, name) for f, s, names in sounds for name in names]:
                try:
                    recordings.append(
                        _prepare(folder, source, name, sample_rate, trim, below_peak, pad, rescale, scratch)
                    )
                except BabbleError as error:
                    bad.append((str(folder / name), str(error).removeprefix(f"{folder / name}: ")))
                progress.update()
        if not recordings:
            raise BabbleError(
                f"{folders[0]}: none of its {total} sound files can be used; the first is {': '.join(bad[0])}"
            )
        splits, notes = _assign(recordings)
        gain = PEAK / max(item.peak for item in splits["train"])
        speakers = tuple(sorted({item.speaker for item in recordings}))
        metadata = {
            "format": FORMAT_VERSION,
            "sample_rate": sample_rate,
            "gain": gain,
            "speakers": list(speakers),
            "trimmed_below_peak": below_peak if trim else None,
            "pad": pad,
            "rescaled": rescale,
            "counts": {split: len(items) for split, items in splits.items()},
            "seconds": {
                split: sum(i.samples for i in items) / sample_rate for split, items in splits.items()
            },
            "names": {split: [item.full_name for item in items] for split, items in splits.items()},
            "samples": {split: [item.samples for item in items] for split, items in splits.items()},
            "speaker": {
                split: [speakers.index(item.speaker) for item in items] for split, items in splits.items()
            },
            "active": {split: [item.active.tolist() for item in items] for split, items in splits.items()},
            "crc32": {split: [item.crc32 for item in items] for split, items in splits.items()},
        }
        with (
            scratch_path.open("rb") as scratch,
            Progress("writing", len(recordings), "recordings") as progress,
        ):
            builder = RecordingsBuilder(str(temporary), metadata, splits, scratch, progress)
            # TFDS prints to standard output, which belongs to the caller, and draws bars beside ours.
            tfds.disable_progress_bar()
            # Beyond a gigabyte TFDS sorts records on disk, by TensorFlow, though ours are in order.
            shuffle.MAX_MEM_BUFFER_SIZE = sys.maxsize
            with contextlib.redirect_stdout(io.StringIO()):
                builder.download_and_prepare()
        scratch_path.unlink()
        for path in list(Path(builder.data_dir).iterdir()):
            path.rename(temporary / path.name)
        for name in (builder.name, "downloads"):  # TFDS makes the latter too
            if (temporary / name).exists():
                shutil.rmtree(temporary / name)
        write_manifest(temporary)
    return DatasetReport(
        path=out,
        sample_rate=sample_rate,
        gain=gain,
        speakers=speakers,
        counts=metadata["counts"],
        seconds=metadata["seconds"],
        bad=tuple(bad),
        notes=tuple(notes),
    )


def split_from_name(name: str) -> str:
    """Assigns a file to a split: 80 % train, 10 % validation, 10 % test, by a hash of its relative name.

    The first 8 bytes of the SHA-256 of the name without its suffix (UTF-8, NFC, forward slashes), as a
    big-endian number over 2^64. It depends on nothing else: files that are added or removed move no other,
    and a copy in another format, or of a part of the folder, has the same splits.
    """
    share = _hash(name) / 2**64
    return "train" if share < 0.8 else "validation" if share < 0.9 else "test"


def _hash(name: str) -> int:
    stem = PurePosixPath(name).with_suffix("").as_posix()
    return int.from_bytes(hashlib.sha256(unicodedata.normalize("NFC", stem).encode()).digest()[:8], "big")


def list_sound_files(folder: Path) -> list[str]:
    """Lists the relative names of the sound files below a folder, sorted."""
    names = []
    for above, below in walk_files(folder, 10_000_000):
        for name in below:
            if Path(name).suffix.lower() in sound_types.SUFFIXES:
                names.append(Path(above, name).relative_to(folder).as_posix())
    return sorted(names)


def _prepare(
    folder: Path,
    source: str,
    name: str,
    sample_rate: int,
    trim: bool,
    below_peak: float,
    pad: float,
    rescale: bool,
    scratch: BinaryIO,
) -> _ScratchRecording:
    """Reads one sound file, resampled and trimmed, and appends its samples to the scratch file."""
    path = folder / name
    audio, _ = wave.read(path, sample_rate)
    if rescale:
        audio = audio * (PEAK / max(float(np.max(np.abs(audio))), 1e-6))
    labels = path.with_suffix(activity.LABEL_SUFFIX)
    active = (
        activity.read_phone_labels(labels)
        if labels.is_file()
        else activity.detect_by_energy(audio, sample_rate)
    )
    start, stop = silence.find_bounds(audio, sample_rate, below_peak) if trim else (0, len(audio))
    samples = pcm.to_int16(audio[start:stop])
    if not np.any(samples):
        raise BabbleError(f"{path}: holds nothing but silence; leave the file out.")
    zeros = round(pad * sample_rate)
    active = np.clip(np.rint(active * sample_rate).astype(np.int64) - start, 0, len(samples))
    active = active[active[:, 0] < active[:, 1]] + zeros
    samples = np.pad(samples, zeros)
    start = scratch.tell()
    scratch.write(samples.tobytes())
    speaker = name.split("/")[0] if "/" in name else folder.resolve().name
    peak = pcm.peak_amplitude(samples)
    return _ScratchRecording(name, source, speaker, start, len(samples), peak, active, checksum(samples))


def _assign(recordings: list[_ScratchRecording]) -> tuple[dict[str, list[_ScratchRecording]], list[str]]:
    """Assigns recordings to splits, each in the order of the names: the splits that are not empty, and notes."""
    members = collections.defaultdict(list)
    for item in recordings:
        members[split_from_name(item.name)].append(item)
    notes = []
    possible = SPLITS[: len(recordings)]
    for split in SPLITS[len(recordings) :]:
        members["train"] += members.pop(split, [])
        notes.append(f"There is no split {split}: the folder holds only {len(recordings)} usable recordings.")
    for split in possible:
        if not members[split]:
            largest = max(possible, key=lambda other: len(members[other]))
            last = max(members[largest], key=lambda item: _hash(item.name))
            members[largest].remove(last)
            members[split].append(last)
            notes.append(f"No file falls into the split {split} by its name; {last.full_name} was put there.")
    for items in members.values():
        items.sort(key=lambda item: item.start)
    return {split: members[split] for split in SPLITS if members.get(split)}, notes


class _RecordingsInfo(tfds.core.DatasetInfo):
    """A description that TFDS looks for nowhere else: it would ask its server, and leave a temporary folder."""

    def initialize_from_bucket(self) -> None:
        """Does nothing."""


class _OrderedWriter(ExampleWriter):
    """Writes the fields of a record in the order of their names; protobuf orders them anew in each process."""

    def write(self, path: Any, examples: Iterable[tuple[Any, bytes]]) -> Any:
        """Writes the records of one file.

        Args:
          path: of the file.
          examples: pairs of key and serialized `tf.train.Example`.
        """
        return super().write(path, ((key, serialize_ordered(example)) for key, example in examples))


def serialize_ordered(example: bytes) -> bytes:
    """Serializes a serialized `tf.train.Example` again, with its fields in the order of their names."""
    record = tf_example_pb2.Example.FromString(example)  # pyright: ignore[reportAttributeAccessIssue]
    return record.SerializeToString(deterministic=True)


class RecordingsBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Writes recordings as array_record; each record is `audio` [T] int16 and `speaker` int32."""

    code_path = None  # else TFDS looks for checksums of downloads, with a package that it does not require
    VERSION = tfds.core.Version("1.0.0")
    name = BUILDER

    def __init__(
        self,
        data_dir: str,
        metadata: dict[str, Any],
        splits: dict[str, list[_ScratchRecording]],
        scratch: BinaryIO,
        progress: Progress,
    ):
        self._metadata, self._splits = metadata, splits
        self._scratch, self._progress = scratch, progress
        super().__init__(data_dir=data_dir, file_format="array_record")

    def _info(self) -> tfds.core.DatasetInfo:
        return _RecordingsInfo(
            builder=self,
            description="Recordings, one per record, in the order of the files' names.",
            features=tfds.features.FeaturesDict(
                {
                    # Encoding "none" reads 13 times slower; the Audio feature needs TensorFlow.
                    "audio": tfds.features.Tensor(shape=(None,), dtype=np.int16, encoding="bytes"),
                    "speaker": np.int32,
                }
            ),
            metadata=tfds.core.MetadataDict(self._metadata),
            disable_shuffling=True,  # the index in the metadata follows the order of writing
        )

    def _example_writer(self) -> ExampleWriter:
        return _OrderedWriter(tfds.core.FileFormat.ARRAY_RECORD)

    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator]:
        return {split: self._generate_examples(split) for split in self._splits}

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, item in enumerate(self._splits[split]):
            self._scratch.seek(item.start)
            audio = np.frombuffer(self._scratch.read(2 * item.samples), np.int16)
            self._progress.update()
            yield number, {"audio": audio, "speaker": self._metadata["speaker"][split][number]}
