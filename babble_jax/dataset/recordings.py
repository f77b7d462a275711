"""Builds a TFDS dataset from folders of sound files: one record per file or piece of one, int16, with the index in the
metadata.

The folders are read once: every usable file is resampled, trimmed and appended to a scratch file; then pieces, splits
and gain are computed, and the records are written beside `out` and renamed into place.

Axes: T samples, N recordings of a split, K intervals of activity.
"""

import contextlib
import dataclasses
import io
import math
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core import shuffle
from tensorflow_datasets.core.writer import ExampleWriter
from tensorflow_datasets.proto import tf_example_pb2

from babble_jax import files
from babble_jax.audio import silence, sound_types, wave
from babble_jax.dataset import pauses, pieces
from babble_jax.dataset.preparation import Preparation, ScratchRecording, list_sound_files, read_samples
from babble_jax.dataset.splits import FEW_RECORDINGS, SPLITS, assign_splits, find_copies
from babble_jax.dataset.stored_split import FORMAT_VERSION, write_manifest
from babble_jax.dataset.tfds_folder import BUILDER, PEAK
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress

KIND = "data set"  # of a folder, in messages
SAMPLE_RATES = (1_000, 192_000)  # Hz, lowest and highest
MOST_PAD = 60.0  # seconds
MOST_PIECE = 86_400.0  # seconds
MOST_NOTES = 10
"""Notes on sound files that a report holds; the others are counted."""


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
      silent_share: of the recordings, before pauses were shortened, [0, 1]: without what was trimmed or padded.
      removed_share: of the recordings, which was cut out of their pauses, [0, 1].
    """

    path: Path
    sample_rate: int
    gain: float
    speakers: tuple[str, ...]
    counts: dict[str, int]
    seconds: dict[str, float]
    bad: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    silent_share: float = 0.0
    removed_share: float = 0.0


def build_from_folders(
    audio_dir: str | os.PathLike | Sequence[str | os.PathLike],
    out: str | os.PathLike,
    sample_rate: int = 16_000,
    trim: bool = True,
    below_peak: float = silence.BELOW_PEAK_DB,
    pad: float = 0.0,
    rescale: bool = False,
    piece: float = pieces.PIECE_SECONDS,
    longest_pause: float = 0.0,
) -> DatasetReport:
    """Builds a dataset from folders of sound files (`babble_jax.audio.sound_types`; hidden files are passed over).

    Files in a sub-folder, however deep, belong to the speaker it is named after; files directly in the folder
    belong to one speaker named after the folder. Records stand in the order of the folders and then of the files'
    relative names, so that the same folders give the same dataset. Amplitudes are stored unchanged, unless they lie
    beyond full scale (`babble_jax.audio.full_scale`), and one gain for the dataset in the metadata: bring folders
    of very different levels to one level first. The index holds the intervals of speech of each recording, from the
    phone labels in NAME.lab where that file lies beside the sound file NAME, else from the energy
    (`babble_jax.audio.activity`). The first file takes 20 s longer where librosa has not been compiled on the
    machine.

    A recording that is longer than `piece` is cut at its pauses (`babble_jax.dataset.pieces`), and so is one of 10 s or
    more where there are fewer than three; one of three pieces or more is cut into ten or more where it is divided in
    time. The file's name assigns a recording to a split, with all of its pieces, unless there are few
    (`babble_jax.dataset.splits`); copies go together. A split that is left empty gets the recording with the largest
    hash from the largest split. With two usable recordings that cannot be cut there is no test split, with one no
    validation split either. The notes of the report say so.

    Args:
      audio_dir: the folder, or several; or a file, whose speaker is named after its folder.
      out: where the dataset is written; absent, or an empty folder.
      sample_rate: Hz of the dataset.
      trim: cuts silence off both ends (`babble_jax.audio.silence`).
      below_peak: dB under the loudest frame that count as silence.
      pad: seconds of zeros put before and after each recording, from which a voice that is conditioned on activity
        learns silence.
      rescale: brings every recording to a peak of 0.9, as the SampleRNN authors' code does with each chunk: the
        differences in level between recordings are lost.
      piece: seconds of a piece at most; 0 leaves recordings as they are.
      longest_pause: seconds of a pause at most (`babble_jax.dataset.pauses`); 0 leaves them as they are.

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
    if piece != 0 and not pieces.MIN_PIECE_SECONDS <= piece <= MOST_PIECE:
        raise BabbleError(
            f"piece is {piece} s; choose from {pieces.MIN_PIECE_SECONDS:.0f} to {MOST_PIECE:.0f}, or 0 to cut nothing."
        )
    if longest_pause != 0 and not pauses.SHORTEST <= longest_pause <= pauses.LONGEST:
        raise BabbleError(
            f"longest pause is {longest_pause} s; choose from {pauses.SHORTEST} to {pauses.LONGEST:.0f}, or 0 to leave "
            "pauses as they are."
        )
    if not folders:
        raise BabbleError("There is no folder to read; name one that holds sound files.")
    for folder in folders:
        if not (folder.is_dir() or folder.is_file()):
            raise BabbleError(f"{folder}: there is no such folder; name one that holds sound files.")
    sources = [folder.resolve().name if len(folders) > 1 else "" for folder in folders]
    if len(set(sources)) < len(sources):
        raise BabbleError(f"two of the folders have the same name ({', '.join(sources)}); rename one.")
    files.check_folder(out, KIND)
    sounds = [
        (folder.parent if folder.is_file() else folder, source, list_sound_files(folder))
        for folder, source in zip(folders, sources, strict=True)
    ]
    for folder, _, names in sounds:
        if not names:
            raise BabbleError(f"{folder}: holds no sound file ({sound_types.NAMES}); check the folder.")
    total = sum(len(names) for _, _, names in sounds)
    preparation = Preparation(sample_rate, trim, below_peak, pad, rescale, piece, longest_pause)

    with files.atomic_folder(out, KIND) as temporary:
        scratch_path = temporary / "pcm"
        recordings: list[ScratchRecording] = []
        bad: list[tuple[str, str]] = []
        reading = _ReadingNotes()
        with scratch_path.open("wb") as scratch, Progress("reading", total, "files") as progress:
            for folder, source, name in [(f, s, name) for f, s, names in sounds for name in names]:
                try:
                    item, sound = preparation.read(folder, source, name, scratch)
                    recordings.append(item)
                    reading.add(folder / name, sound)
                except BabbleError as error:
                    bad.append((str(folder / name), str(error).removeprefix(f"{folder / name}: ")))
                progress.update()
        if not recordings:
            raise BabbleError(
                f"{folders[0]}: none of its {total} sound files can be used; the first is {': '.join(bad[0])}"
            )
        with scratch_path.open("rb") as scratch:
            items, cut_notes = _cut(recordings, preparation, scratch)
        splits, split_notes = assign_splits(items)
        notes = [*reading.notes(), *cut_notes, *split_notes]
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
            "piece": piece,
            "longest_pause": longest_pause,
            "counts": {split: len(items) for split, items in splits.items()},
            "seconds": {
                split: sum(preparation.length(i) for i in items) / sample_rate
                for split, items in splits.items()
            },
            "names": {split: [preparation.name(item) for item in items] for split, items in splits.items()},
            "samples": {
                split: [preparation.length(item) for item in items] for split, items in splits.items()
            },
            "speaker": {
                split: [speakers.index(item.speaker) for item in items] for split, items in splits.items()
            },
            "active": {split: [item.active.tolist() for item in items] for split, items in splits.items()},
            "crc32": {split: [item.crc32 for item in items] for split, items in splits.items()},
        }
        with (
            scratch_path.open("rb") as scratch,
            Progress("writing", len(items), "recordings") as progress,
        ):
            builder = RecordingsBuilder(
                str(temporary), metadata, splits, preparation.zeros, scratch, progress
            )
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
    removed = sum(one.removed for one in recordings)
    original = removed + sum(one.samples for one in recordings)
    return DatasetReport(
        path=out,
        sample_rate=sample_rate,
        gain=gain,
        speakers=speakers,
        counts=metadata["counts"],
        seconds=metadata["seconds"],
        bad=tuple(bad),
        notes=tuple(notes),
        silent_share=sum(one.silent for one in recordings) / original,
        removed_share=removed / original,
    )


class _ReadingNotes:
    """Gathers what was out of the ordinary in sound files, so that a thousand of them take a few lines."""

    def __init__(self):
        self._notes: list[str] = []
        self._lowered: list[float] = []  # dB, by resampling alone

    def add(self, path: Path, sound: wave.Sound) -> None:
        """Takes the notes of a file.

        Args:
          path: of the file.
          sound: that was read from it.
        """
        self._notes += [f"{path}: {note}." for note in sound.notes]
        if sound.overshoot > 1:
            self._lowered.append(20 * math.log10(sound.overshoot))

    def notes(self) -> list[str]:
        """Returns the lines: the first notes, and how many more there are."""
        lines = self._notes[:MOST_NOTES]
        if len(self._notes) > MOST_NOTES:
            lines.append(f"{len(self._notes) - MOST_NOTES} more notes of that kind on other files.")
        if self._lowered:
            lines.append(
                f"{len(self._lowered)} recordings were made softer, by {max(self._lowered):.1f} dB at most, since "
                "resampling brought them beyond full scale."
            )
        return lines


def _cut(
    recordings: Sequence[ScratchRecording], preparation: Preparation, scratch: BinaryIO
) -> tuple[list[ScratchRecording], list[str]]:
    """Cuts what is too long into pieces: all recordings and pieces, and notes of copies and cuts."""
    count, notes = find_copies(recordings)
    items, long, cuts, loud = [], 0, 0, 0
    for recording in recordings:
        parts, in_sound = preparation.cut(recording, count < len(SPLITS), count < FEW_RECORDINGS, scratch)
        items += parts
        long += len(parts) > 1
        cuts, loud = cuts + len(parts) - 1, loud + in_sound
    if long:
        longest = max(item.samples for item in items) / preparation.sample_rate
        where = f", {loud} of {cuts} cuts where there is none" if loud else ""
        notes.append(
            f"{long} of {len(recordings)} recordings were cut at pauses{where}, into {cuts + long} pieces of at most "
            f"{longest:.1f} s."
        )
    return items, notes


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
        splits: dict[str, list[ScratchRecording]],
        zeros: int,
        scratch: BinaryIO,
        progress: Progress,
    ):
        self._metadata, self._splits = metadata, splits
        self._zeros, self._scratch, self._progress = zeros, scratch, progress
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
            audio = np.pad(read_samples(self._scratch, item), self._zeros)
            self._progress.update()
            yield number, {"audio": audio, "speaker": self._metadata["speaker"][split][number]}
