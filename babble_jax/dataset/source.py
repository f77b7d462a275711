"""Opens a dataset as recordings, read one by one: our own folders and any TFDS dataset, through the same code.

Axes: N recordings of a split, T samples, K intervals of activity.
"""

import dataclasses
import hashlib
import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from babble_jax import files
from babble_jax.audio import pcm, wave
from babble_jax.dataset import recordings
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.progress import Progress

_AUDIO_KEYS = ("audio", "speech")
_SPEAKER_KEYS = ("speaker", "speaker_id")
_SAMPLES, _SAMPLE = 256, 4096  # of a file's bytes, that are hashed: number and size


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
    builder = _builder(path_or_name)
    features: Any = builder.info.features
    splits = builder.info.splits or {split}  # TFDS knows none of a mocked dataset
    if split not in splits:
        there = ", ".join(splits)
        raise BabbleError(f"{path_or_name}: has no split {split!r}; choose from {there}, or add recordings.")
    metadata = builder.info.metadata or {}
    own = (
        builder.name == recordings.RecordingsBuilder.name
        and metadata.get("format") == recordings.FORMAT_VERSION
    )
    key = _key(features, _AUDIO_KEYS)
    if key is None:
        raise BabbleError(f"{path_or_name}: its records hold no audio ({' or '.join(_AUDIO_KEYS)}).")
    rate = metadata.get("sample_rate") or getattr(features[key], "sample_rate", None) or sample_rate
    if rate is None:
        raise BabbleError(f"{path_or_name}: does not say its sample rate; give one.")
    active = None
    if own:
        index: dict[str, Any] = {
            "samples": metadata["samples"][split],
            "speaker": metadata["speaker"][split],
            "speakers": metadata["speakers"],
        }
        gain = float(metadata["gain"])
        if "active" in metadata:
            active = tuple(
                np.array(intervals, np.float64).reshape(-1, 2) / rate
                for intervals in metadata["active"][split]
            )
    else:
        index = _index_split(builder, split, key)
        train_index = _index_split(builder, "train", key) if "train" in splits else index
        gain = recordings.PEAK / train_index["peak"]
    target = sample_rate or rate
    source: Any = builder.as_data_source(split=split)  # pyright: ignore[reportCallIssue]

    def read_samples(i: int) -> np.ndarray:
        try:
            samples = _to_mono_int16(source[i][key])
        except Exception as error:
            # array_record raises a RuntimeError of its own words, TFDS whatever its decoders do.
            raise BabbleError(
                f"{path_or_name}: recording {i} of {split} cannot be read ({_one_line(error)}); "
                "build the dataset again."
            ) from error
        if target == rate:
            return samples
        return pcm.to_int16(wave.resample(pcm.from_int16(samples), rate, target))

    return Recordings(
        lengths=np.array([math.ceil(n * target / rate) for n in index["samples"]], np.int64),
        speakers=np.array(index["speaker"], np.int32),
        speaker_names=tuple(index["speakers"]),
        sample_rate=target,
        gain=gain,
        read_samples=read_samples,
        active=active,
        split=split,
        folder=Path(builder.data_dir),
        fingerprint=_fingerprint(builder, split, target),
    )


def _fingerprint(builder: tfds.core.DatasetBuilder, split: str, rate: int) -> str:
    """Hashes what tells the sound of a split from that of others; empty where its files are out of reach.

    Of each file the length and samples of the bytes are taken, so that it costs the same for a large dataset. A copy of
    the dataset has the same fingerprint.
    """
    digest = hashlib.sha256(f"{split} {rate}".encode())
    try:
        for name in builder.info.splits[split].filepaths:  # pyright: ignore[reportOptionalSubscript]
            path = Path(name)
            size = path.stat().st_size
            digest.update(f"{path.name} {size}".encode())
            with path.open("rb") as file:
                for start in np.linspace(0, max(0, size - _SAMPLE), _SAMPLES).astype(int).tolist():
                    file.seek(start)
                    digest.update(file.read(_SAMPLE))
    except (OSError, KeyError, TypeError, AttributeError, NotImplementedError):
        return ""
    return digest.hexdigest()


def _builder(path_or_name: str | os.PathLike) -> tfds.core.DatasetBuilder:
    path = Path(path_or_name)
    if path.exists():
        if not (path / "dataset_info.json").is_file():
            raise BabbleError(
                f"{path}: is no dataset (it has no dataset_info.json); make one with "
                f"`babble dataset AUDIO_DIR --out DATASET`."
            )
        try:
            return tfds.builder_from_directory(path)
        except Exception as error:
            # TFDS raises whatever its JSON and protobuf readers do.
            raise BabbleError(
                f"{path}: the dataset cannot be opened ({_one_line(error)}); build it again."
            ) from error
    name = str(path_or_name)
    nothing = f"{name}: is neither a folder nor the name of a TFDS dataset; check it."
    if not re.fullmatch(r"\w+(/[\w.-]+)?(:[\w.*]+)?", name):  # dataset/config:version
        raise BabbleError(nothing)
    try:
        builder = tfds.builder(name, file_format="array_record")
        builder.download_and_prepare()
        return builder
    except tfds.core.DatasetNotFoundError as error:
        raise BabbleError(nothing) from error
    except ImportError as error:
        raise BabbleError(
            f"{name}: this TFDS dataset needs a package that is missing ({_one_line(error)}); install it, "
            f"or build a dataset from a folder of sound files."
        ) from error
    except Exception as error:
        # Network, disk, checksums, a licence to accept by hand: TFDS has no common error for them.
        raise BabbleError(f"{name}: TFDS cannot prepare the dataset ({_one_line(error)}).") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _key(features: Any, keys: tuple[str, ...]) -> str | None:
    return next((key for key in keys if key in features), None)


def _to_mono_int16(audio: np.ndarray) -> np.ndarray:
    """Converts [T] or [T, C], 16-bit values of any integer type or floats in [-1, 1], to [T] int16."""
    audio = np.asarray(audio)
    if audio.dtype == np.int16 and audio.ndim == 1:
        return audio
    integers = np.issubdtype(audio.dtype, np.integer)
    if audio.ndim == 2:
        audio = audio.mean(axis=1)
    return pcm.to_int16(audio / pcm.FULL_SCALE if integers else audio)


def _index_split(builder: tfds.core.DatasetBuilder, split: str, key: str) -> dict[str, Any]:
    """Indexes a split in one pass, since TFDS does not: `samples`, `speaker`, `speakers`, `peak`."""
    cache = Path(builder.data_dir) / f"babble-index-{split}.json"
    if cache.is_file():
        return read_json(cache)
    features: Any = builder.info.features
    feature = _key(features, _SPEAKER_KEYS)
    source: Any = builder.as_data_source(split=split)  # pyright: ignore[reportCallIssue]
    lengths, names, peak = [], [], 0.0
    with Progress(f"counting {builder.name}/{split}", len(source), "recordings") as progress:
        for i in range(len(source)):
            record = source[i]
            samples = _to_mono_int16(record[key])
            lengths.append(len(samples))
            peak = max(peak, pcm.peak_amplitude(samples))
            names.append(_as_text(record[feature]) if feature else builder.name)
            progress.update()
    if not lengths or min(lengths) == 0 or peak == 0:
        raise BabbleError(
            f"{builder.name}/{split}: holds no recording, an empty one, or nothing but silence."
        )
    all_names = getattr(features[feature], "names", None) if feature else None
    if all_names:
        speakers, speaker = list(all_names), [int(name) for name in names]
    else:
        speakers = sorted(set(names))
        speaker = [speakers.index(name) for name in names]
    index = {"samples": lengths, "speaker": speaker, "speakers": speakers, "peak": peak}
    if cache.parent.is_dir() and os.access(cache.parent, os.W_OK):
        files.write_json(cache, index)
    return index


def _as_text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
