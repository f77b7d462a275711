"""Makes recordings of sound files: resampled, trimmed, cut into pieces, on a scratch file.

Axes: T samples, K intervals of activity.
"""

import dataclasses
import hashlib
import itertools
from pathlib import Path
from typing import BinaryIO

import numpy as np

from babble_jax.audio import activity, pcm, silence, sound_types, wave
from babble_jax.dataset import pauses, pieces
from babble_jax.dataset.stored_split import checksum
from babble_jax.dataset.tfds_folder import PEAK
from babble_jax.errors import BabbleError
from babble_jax.folders import walk_files


@dataclasses.dataclass(frozen=True)
class ScratchRecording:
    """A recording, or a piece of one, that goes into the data set: `samples` int16 from byte `start` of a scratch file.

    Attributes:
      name: of its file relative to the folder, with forward slashes: it decides the split.
      source: name of the folder, of several; else empty.
      speaker: name.
      start: byte.
      samples: number of them, without what is padded.
      digest: of the sound of the complete recording.
      active: [K, 2] int64 samples.
      peak: amplitude.
      crc32: of the samples with what is padded.
      first_sample: samples of the file before it.
      pieces: number of pieces of its recording.
      silent: samples without speech, before pauses were shortened.
      removed: samples of pauses that were cut out.
    """

    name: str
    source: str
    speaker: str
    start: int
    samples: int
    digest: bytes
    active: np.ndarray
    peak: float = 0.0
    crc32: int = 0
    first_sample: int = 0
    pieces: int = 1
    silent: int = 0
    removed: int = 0

    @property
    def full_name(self) -> str:
        """Its name among those of several folders."""
        return f"{self.source}/{self.name}" if self.source else self.name


@dataclasses.dataclass(frozen=True)
class Preparation:
    """How each file becomes a recording; the attributes are arguments of `build_from_folders`."""

    sample_rate: int
    trim: bool
    below_peak: float
    pad: float
    rescale: bool
    piece: float
    longest_pause: float

    def read(
        self, folder: Path, source: str, name: str, scratch: BinaryIO
    ) -> tuple[ScratchRecording, wave.Sound]:
        """Reads one sound file, resampled and trimmed, and appends its samples to the scratch file.

        Args:
          folder: above the file.
          source: name of the folder, of several; else empty.
          name: of the file relative to the folder.
          scratch: the scratch file.

        Returns:
          The complete recording, and the sound as it was read.

        Raises:
          BabbleError: the file cannot be used.
        """
        path, rate = folder / name, self.sample_rate
        sound = wave.read_sound(path, rate)
        audio = sound.audio
        if self.rescale:
            audio = audio * (PEAK / max(float(np.max(np.abs(audio))), 1e-6))
        labels = path.with_suffix(activity.LABEL_SUFFIX)
        active = (
            activity.read_phone_labels(labels) if labels.is_file() else activity.detect_by_energy(audio, rate)
        )
        start, stop = silence.find_bounds(audio, rate, self.below_peak) if self.trim else (0, len(audio))
        samples = pcm.to_int16(audio[start:stop])
        if not np.any(samples):
            raise BabbleError(f"{path}: holds nothing but silence; leave the file out.")
        active = np.clip(np.rint(active * rate).astype(np.int64) - start, 0, len(samples))
        silent, count = pauses.count_silent(active, len(samples)), len(samples)
        if self.longest_pause:
            samples, active = pauses.shorten_pauses(samples, active, rate, self.longest_pause)
        position = scratch.tell()
        scratch.write(samples.tobytes())
        speaker = name.split("/")[0] if "/" in name else folder.resolve().name
        digest = hashlib.sha256(samples.data).digest()
        item = ScratchRecording(
            name,
            source,
            speaker,
            position,
            len(samples),
            digest,
            active,
            first_sample=start,
            silent=silent,
            removed=count - len(samples),
        )
        return item, sound

    def cut(
        self, item: ScratchRecording, few: bool, divided: bool, scratch: BinaryIO
    ) -> tuple[list[ScratchRecording], int]:
        """Cuts a recording into pieces, of which none is all zeros.

        Args:
          item: the recording.
          few: whether there are too few recordings for three splits.
          divided: whether three pieces or more will be divided in time among the splits: they become ten or more then,
            of a recording of 10 s or more.
          scratch: the file that holds its samples.

        Returns:
          (pieces, loud): the recording itself where it is short enough; and how many cuts fall into no pause.
        """
        samples = read_samples(scratch, item)
        spans, loud = self._spans(samples, few)
        if divided and pieces.DIVISIBLE_PIECES <= len(spans) < pieces.PIECES:
            spans, loud = self._spans(samples, few=True)
        return [self._piece(item, samples, a, b, len(spans)) for a, b in spans], loud

    def _spans(self, samples: np.ndarray, few: bool) -> tuple[list[tuple[int, int]], int]:
        """Finds the first sample and the end of each piece that is not all zeros, and counts cuts in no pause."""
        longest = pieces.find_longest(len(samples) / self.sample_rate, self.piece, few)
        cuts, loud = pieces.find_cuts(samples, self.sample_rate, longest)
        edges = [0, *cuts.tolist(), len(samples)]
        return [(a, b) for a, b in itertools.pairwise(edges) if np.any(samples[a:b])], loud

    def _piece(
        self, item: ScratchRecording, samples: np.ndarray, first: int, stop: int, count: int
    ) -> ScratchRecording:
        zeros = self.zeros
        active = np.clip(item.active - first, 0, stop - first)
        return dataclasses.replace(
            item,
            start=item.start + 2 * first,
            samples=stop - first,
            active=active[active[:, 0] < active[:, 1]] + zeros,
            peak=pcm.peak_amplitude(samples[first:stop]),
            crc32=checksum(np.pad(samples[first:stop], zeros)),
            first_sample=item.first_sample + first,
            pieces=count,
        )

    @property
    def zeros(self) -> int:
        """Number of zeros at each end."""
        return round(self.pad * self.sample_rate)

    def length(self, item: ScratchRecording) -> int:
        """Returns the samples of a recording in the data set, with what is padded."""
        return item.samples + 2 * self.zeros

    def name(self, item: ScratchRecording) -> str:
        """Returns the name of a recording in the data set; that of a piece says its seconds in the file."""
        if item.pieces == 1:
            return item.full_name
        begin, end = (n / self.sample_rate for n in (item.first_sample, item.first_sample + item.samples))
        return f"{item.full_name} {begin:.3f}-{end:.3f} s"


def read_samples(scratch: BinaryIO, item: ScratchRecording) -> np.ndarray:
    """Reads the samples of a recording from the scratch file, [T] int16, without what is padded."""
    scratch.seek(item.start)
    return np.frombuffer(scratch.read(2 * item.samples), np.int16)


def list_sound_files(folder: Path) -> list[str]:
    """Lists the relative names of the sound files below a folder, sorted; of a file that is named itself, its name."""
    if folder.is_file():
        return [folder.name]
    names = []
    for above, below in walk_files(folder, 10_000_000):
        for name in below:
            path = Path(above, name)
            if sound_types.is_recording(path):
                names.append(path.relative_to(folder).as_posix())
    return sorted(names)
