"""A split of a data set that TFDS prepares, or of a folder that TFDS wrote: any with audio of any kind in its records.

Axes: N recordings of a split, T samples.
"""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from babble_jax import files
from babble_jax.audio import pcm
from babble_jax.dataset.folder_content import explain_no_dataset
from babble_jax.dataset.stored_split import StoredSplit, one_line
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json, read_json, read_text
from babble_jax.progress import Progress

PEAK = 0.9  # of the training split, after the gain
BUILDER = "recordings"
"""Name of the builder of our own data sets, which are opened by their manifest."""
_AUDIO_KEYS = ("audio", "speech")
_SPEAKER_KEYS = ("speaker", "speaker_id")
_CLASS_KEYS = (
    "pythonClassName",
    "python_class_name",
    "type",
)  # of a feature, in JSON that is now written or once was
_NESTED_KEYS = ("json", "content")  # may hold JSON as text
_SAMPLES, _SAMPLE = 256, 4096  # of a file's bytes, that are hashed: number and size


def open_tfds_split(path_or_name: str | os.PathLike, split: str, sample_rate: int | None) -> StoredSplit:
    """Opens a split of a named TFDS data set, or of a folder that TFDS wrote.

    Lengths, speakers and peak are counted in one pass, and stored beside the data set where that can be written.

    Args:
      path_or_name: the folder or the name.
      split: name of the split.
      sample_rate: Hz, where the data set says none.

    Raises:
      BabbleError: no such data set or split, no audio in it, or its rate is unknown.
    """
    builder = _open_builder(path_or_name)
    features: Any = builder.info.features
    splits = builder.info.splits or {split}  # TFDS knows none of a mocked data set
    if split not in splits:
        there = ", ".join(splits)
        raise BabbleError(f"{path_or_name}: has no split {split!r}; choose from {there}, or add recordings.")
    key = _key(features, _AUDIO_KEYS)
    if key is None:
        raise BabbleError(f"{path_or_name}: its records hold no audio ({' or '.join(_AUDIO_KEYS)}).")
    metadata = builder.info.metadata if isinstance(builder.info.metadata, dict) else {}
    rate = metadata.get("sample_rate") or getattr(features[key], "sample_rate", None) or sample_rate
    if rate is None:
        raise BabbleError(f"{path_or_name}: does not say its sample rate; give one.")
    if not isinstance(rate, int) or not 100 <= rate <= 10**6:
        raise BabbleError(f"{path_or_name}: its sample rate is {rate!r}; it must be 100 to 1000000 Hz.")
    source = _open_source(path_or_name, builder, split)
    index = _index_split(builder, split, key, source)
    gain_index = index
    if "train" in splits and split != "train":
        gain_index = _index_split(builder, "train", key, _open_source(path_or_name, builder, "train"))

    def read_samples(i: int) -> np.ndarray:
        try:
            return _to_mono_int16(source[i][key])
        except Exception as error:
            # array_record raises a RuntimeError of its own words, TFDS whatever its decoders do.
            raise BabbleError(
                f"{path_or_name}: recording {i} of {split} cannot be read ({one_line(error)}); "
                "build the data set again."
            ) from error

    return StoredSplit(
        samples=index["samples"],
        speaker=index["speaker"],
        speakers=index["speakers"],
        sample_rate=rate,
        gain=PEAK / gain_index["peak"],
        read_samples=read_samples,
        folder=Path(builder.data_dir),
        fingerprint=_fingerprint(builder, split),
    )


def _open_builder(path_or_name: str | os.PathLike) -> tfds.core.DatasetBuilder:
    path = Path(path_or_name)
    if path.exists():
        if not (path / "dataset_info.json").is_file():
            raise BabbleError(explain_no_dataset(str(path)))
        check_imports(path)
        try:
            builder = tfds.builder_from_directory(path)
        except Exception as error:
            # TFDS raises whatever its JSON and protobuf readers do.
            raise BabbleError(
                f"{path}: the dataset cannot be opened ({one_line(error)}); build it again."
            ) from error
        if builder.name == BUILDER:
            raise BabbleError(f"{path}: is of another version, or its manifest is missing; build it again.")
        return builder
    name = str(path_or_name)
    nothing = explain_no_dataset(name)
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
            f"{name}: this TFDS dataset needs a package that is missing ({one_line(error)}); install it, "
            f"or build a dataset from a folder of sound files."
        ) from error
    except Exception as error:
        # Network, disk, checksums, a licence to accept by hand: TFDS has no common error for them.
        raise BabbleError(f"{name}: TFDS cannot prepare the dataset ({one_line(error)}).") from error


def check_imports(folder: Path) -> None:
    """Checks the JSON of a folder that TFDS is to open: TFDS imports the module of each feature that the folder names.

    Args:
      folder: of the data set.

    Raises:
      BabbleError: a file is no JSON, or names a feature that is not one of TFDS's own.
    """
    for path in folder.glob("*.labels.txt"):  # TFDS tries for 20 s to read what is no text
        read_text(path)
    for name in ("dataset_info.json", "features.json", "metadata.json"):
        path = folder / name
        values = read_json(path, remedy="build the data set again") if path.is_file() else {}
        if not isinstance(values, dict):
            raise BabbleError(f"{path}: is no object of JSON; build the data set again.")
        if name == "features.json":
            own = {
                f"{feature.__module__}.{feature.__name__}"
                for feature in vars(tfds.features).values()
                if isinstance(feature, type) and issubclass(feature, tfds.features.FeatureConnector)
            }
            unknown = _feature_classes(values, str(path)) - own
            if unknown:
                raise BabbleError(
                    f"{path}: names the feature {ascii(min(unknown))[:200]}, which is none of TFDS's own and is not "
                    "imported; write the data set with TFDS's features."
                )


def _feature_classes(values: Any, source: str) -> set[str]:
    """Lists the names of classes in the JSON of features, in JSON within its text too.

    Args:
      values: the JSON values.
      source: name of the file in messages.
    """
    items = (
        values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    )
    names: set[str] = set()
    for key, value in items:
        if isinstance(value, str) and key in _CLASS_KEYS:
            names.add(value)
        elif isinstance(value, str) and key in _NESTED_KEYS:
            names |= _feature_classes(parse_json(value, source, "build the data set again"), source)
        else:
            names |= _feature_classes(value, source)
    return names


def _open_source(path_or_name: str | os.PathLike, builder: tfds.core.DatasetBuilder, split: str) -> Any:
    """Opens the records of a split.

    Args:
      path_or_name: of the data set, for messages.
      builder: of the data set.
      split: name of the split.
    """
    try:
        return builder.as_data_source(split=split)  # pyright: ignore[reportCallIssue]
    except Exception as error:
        # TFDS and array_record have no common error.
        raise BabbleError(
            f"{path_or_name}: {split} cannot be opened ({one_line(error)}); build the data set again."
        ) from error


def _fingerprint(builder: tfds.core.DatasetBuilder, split: str) -> str:
    """Hashes what tells the sound of a split from that of others; empty where its files are out of reach.

    Of each file the length and samples of the bytes are taken, so that it costs the same for a large data set. A copy
    of the data set has the same fingerprint.
    """
    digest = hashlib.sha256()
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


def _index_split(builder: tfds.core.DatasetBuilder, split: str, key: str, source: Any) -> dict[str, Any]:
    """Indexes a split in one pass, since TFDS does not: `samples`, `speaker`, `speakers`, `peak`.

    Args:
      builder: of the data set.
      split: name of the split.
      key: of the audio in a record.
      source: the records.
    """
    cache, fingerprint = Path(builder.data_dir) / f"babble-index-{split}.json", _fingerprint(builder, split)
    index = _read_index(cache, fingerprint)
    if index is not None:
        return index
    features: Any = builder.info.features
    feature = _key(features, _SPEAKER_KEYS)
    lengths, names, peak = [], [], 0.0
    with Progress(f"counting {builder.name}/{split}", len(source), "recordings") as progress:
        for i in range(len(source)):
            try:
                record = source[i]
                samples = _to_mono_int16(record[key])
            except Exception as error:
                # As in `open_tfds_split`.
                raise BabbleError(
                    f"{builder.data_dir}: recording {i} of {split} cannot be read ({one_line(error)}); "
                    "build the data set again."
                ) from error
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
        files.write_json(cache, {"index": index, "sha256": _index_digest(index, fingerprint)})
    return index


def _index_digest(index: Any, fingerprint: str) -> str:
    return hashlib.sha256(json.dumps([index, fingerprint], sort_keys=True).encode()).hexdigest()


def _read_index(path: Path, fingerprint: str) -> dict[str, Any] | None:
    """Reads a stored index; None where there is none, or one that is damaged or of other sound."""
    try:
        values = read_json(path)
        same = values["sha256"] == _index_digest(values["index"], fingerprint)
        return values["index"] if same else None
    except (BabbleError, KeyError, TypeError):
        return None


def _as_text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
