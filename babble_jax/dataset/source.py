"""Opens a dataset as recordings, read one by one: our own folders and any TFDS dataset, through the same code.

Axes: N recordings of a split, T samples, K intervals of activity.
"""

import dataclasses
import hashlib
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.audio import pcm, resampling
from babble_jax.dataset.stored_split import open_stored_split
from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True, eq=False)
class Recordings:
    """The recordings of one split.

    Attributes:
      lengths: [N] int64 samples, each > 0.
      speakers: [N] int32 indices into `speaker_names`.
      speaker_names: one per speaker of the whole dataset.
      sample_rate: Hz.
      gain: factor for the amplitudes, fixed for the dataset: 0.9 over the peak of its training split.
      read_samples: gives recording i as [T] int16; `read` checks its length.
      active: [N] intervals of speech of each recording, [K, 2] float64 seconds; None where the dataset does not say.
      split: name of the split.
      folder: of the dataset, beside which what is computed from it is stored; None for recordings in memory.
      fingerprint: tells the sound of the split from that of others; empty for recordings in memory.
      complete: all recordings of the split, where these are a selection of them.
      numbers: [N] number of each among all recordings of the split, where these are a selection.
    """

    lengths: np.ndarray
    speakers: np.ndarray
    speaker_names: tuple[str, ...]
    sample_rate: int
    gain: float
    read_samples: Callable[[int], np.ndarray]
    active: tuple[np.ndarray, ...] | None = None
    split: str = ""
    folder: Path | None = None
    fingerprint: str = ""
    complete: "Recordings | None" = None
    numbers: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def seconds(self) -> float:
        """Total duration."""
        return float(self.lengths.sum()) / self.sample_rate

    def select(self, index: Sequence[int]) -> "Recordings":
        """Selects the recordings `index`, in that order; one may come several times."""
        return dataclasses.replace(
            self,
            lengths=self.lengths[list(index)],
            speakers=self.speakers[list(index)],
            read_samples=lambda i: self.read_samples(index[i]),
            active=None if self.active is None else tuple(self.active[i] for i in index),
            complete=self.complete or self,
            numbers=(np.arange(len(self)) if self.numbers is None else self.numbers)[list(index)],
        )

    def balance_speakers(self) -> "Recordings":
        """Repeats the recordings of speakers with less sound.

        Each is repeated the integer number of times that brings its speaker nearest to the one with most sound.
        """
        totals = np.bincount(self.speakers, self.lengths, len(self.speaker_names))
        repeats = np.maximum(1, np.rint(totals.max() / np.maximum(totals, 1))).astype(int)
        return self.select(np.repeat(np.arange(len(self)), repeats[self.speakers]).tolist())

    def read(self, i: int) -> np.ndarray:
        """Reads recording i, [T] int16 with T = lengths[i], without the gain.

        Raises:
          BabbleError: the record is not as long as the index says.
        """
        samples = self.read_samples(i)
        if len(samples) != self.lengths[i]:
            raise BabbleError(
                f"recording {i} holds {len(samples)} samples where the dataset's index says {self.lengths[i]}; "
                f"build the dataset again."
            )
        return samples


def open_dataset(
    path_or_name: str | os.PathLike, split: str = "train", sample_rate: int | None = None
) -> Recordings:
    """Opens a split of a dataset.

    Args:
      path_or_name: a folder that `babble dataset` (or TFDS) wrote, or the name of a TFDS dataset (`ljspeech`,
        `librispeech`, `speech_commands`, `vctk`, …), which TFDS downloads and prepares first. A named one
        needs TensorFlow where its features say `Audio`, which is TFDS's own rule.
      split: "train", "validation", "test", or any other that the dataset has.
      sample_rate: Hz to resample to on reading; None keeps the dataset's own.

    Returns:
      The recordings. Lengths, speakers and gain come from the metadata of our own datasets; for others they
      are counted in one pass, and cached beside the dataset where that can be written. There the gain is that of
      the split "train" if there is one, and the speakers are those of the split unless the dataset names all.

    Raises:
      BabbleError: no such dataset or split, no audio in it, or its rate is unknown.
    """
    path = Path(path_or_name)
    if (path / files.MANIFEST).is_file():
        stored = open_stored_split(path, split)
    else:
        from babble_jax.dataset.tfds_folder import open_tfds_split  # imports TFDS

        stored = open_tfds_split(path_or_name, split, sample_rate)
    rate, target = stored.sample_rate, sample_rate or stored.sample_rate

    def read_samples(i: int) -> np.ndarray:
        samples = stored.read_samples(i)
        return (
            samples
            if target == rate
            else pcm.to_int16(resampling.resample(pcm.from_int16(samples), rate, target))
        )

    basis = f"{split} {target} {stored.fingerprint}"
    return Recordings(
        lengths=np.array([math.ceil(n * target / rate) for n in stored.samples], np.int64),
        speakers=np.array(stored.speaker, np.int32),
        speaker_names=tuple(stored.speakers),
        sample_rate=target,
        gain=stored.gain,
        read_samples=read_samples,
        active=stored.active,
        split=split,
        folder=stored.folder,
        fingerprint=hashlib.sha256(basis.encode()).hexdigest() if stored.fingerprint else "",
    )
