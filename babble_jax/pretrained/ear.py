"""Pretrained ears on disk: folders with `ear.json`, `weights.safetensors` and, for the beam search, `ngram.json`.

Matrices are stored as float32, float16 or int8; int8 with one float32 scale for each unit that a matrix gives (a row of
the matrix as most write it, a column of it here): the largest weight of a unit is 127. Vectors, which are few, stay
float32 then.
"""

import os
from pathlib import Path
from typing import Any, Literal

import numpy as np

from babble_jax import config as configs
from babble_jax import files
from babble_jax.arguments import check_arguments
from babble_jax.ear.config import EarConfig, parameter_shapes
from babble_jax.ear.decoding.beam import BeamConfig
from babble_jax.ear.ear import Ear
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_bytes, read_json
from babble_jax.json_layout import format_json
from babble_jax.ngram import NGram, ngram_from_json
from babble_jax.presets import registry
from babble_jax.pretrained.weights import DIGESTS, SCALE, WEIGHTS, ModelFiles, flatten_params

WeightType = Literal["float32", "float16", "int8"]
_FILES = ModelFiles("ear", "ear.json", network="ear")
_CONFIG, _NGRAM = _FILES.description, "ngram.json"
_MOST_BYTES = 512 * 1024**2
_REMEDY = "name a folder that `babble train --task ear` wrote (WORKDIR or WORKDIR/ear)"


def save_ear(ear: Ear, folder: str | os.PathLike, dtype: WeightType = "float16") -> None:
    """Writes an ear: weights, n-gram and `ear.json`, each atomically.

    An older `ear.json` is removed before the weights are replaced, so that it never describes weights of another save.

    Args:
      ear: the ear.
      folder: made if absent.
      dtype: of the matrices.
    """
    folder = Path(folder)
    arrays: dict[str, np.ndarray] = {}
    for name, x in flatten_params(ear.params).items():
        if dtype == "int8" and x.ndim > 1:
            arrays[name], arrays[name + SCALE] = _quantize(x)
        else:
            arrays[name] = x.astype(np.float16 if dtype == "float16" and x.ndim > 1 else np.float32)
    _FILES.write_weights(arrays, folder)
    names = [WEIGHTS]
    if ear.ngram is not None:
        files.write_text(folder / _NGRAM, format_json(ear.ngram.to_json(), indent=0, depth=1))
        names.append(_NGRAM)
    else:
        (folder / _NGRAM).unlink(missing_ok=True)
    described = {"ear": configs.to_json(ear.config), "beam": configs.to_json(ear.beam)}
    _FILES.write_description({**described, "card": ear.card}, folder, names)


def _quantize(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantizes a matrix [X, H] to int8, with the scale [H] of each unit."""
    scale = np.maximum(np.abs(x).max(0), np.float32(1e-30)) / np.float32(127)
    return np.rint(x / scale).astype(np.int8), scale.astype(np.float32)


def is_ear(folder: str | os.PathLike) -> bool:
    """Tells the folder of an ear, or of a run that made one, from others."""
    return any(is_file(path / _CONFIG) for path in (Path(folder), Path(folder) / "ear"))


@check_arguments
def load_ear(folder: str | os.PathLike) -> Ear:
    """Loads an ear: a shipped one by its name, or any one by its folder.

    Args:
      folder: name of a shipped ear, folder of an ear, or folder of a run of `babble train --task ear`.

    Returns:
      The ear, its weights as float32.

    Raises:
      BabbleError: there is no such folder, it holds no ear, a file is damaged, or the weights do not fit the config.

    Examples:
      >>> ear = load_ear("ear")
      >>> "pau" in ear.config.symbols
      True
    """
    if not str(folder):
        raise BabbleError(f"The name of the ear is empty; {_REMEDY}.")
    meant, remedy, shipped = "", _REMEDY, registry.names("ears")
    if str(folder) in shipped:
        folder = registry.path("ears", str(folder))
    elif shipped:
        meant = registry.suggest("ears", str(folder))
        remedy += f", or an ear that ships ({', '.join(shipped)})"
    folder = Path(folder)
    if not is_file(folder / _CONFIG) and is_file(folder / "ear" / _CONFIG):
        folder = folder / "ear"
    path = folder / _CONFIG
    if not is_file(path):
        raise BabbleError(f"{folder}: there is no ear here{meant}; {remedy}.")
    settings, beam, card, digests = _read_description(path, remedy)
    params = _read_weights(folder / WEIGHTS, settings, digests.get(WEIGHTS), remedy)
    ngram = _read_ngram(folder / _NGRAM, digests[_NGRAM], remedy) if _NGRAM in digests else None
    try:
        return Ear(settings, params, ngram, card, beam)
    except ValueError as error:
        raise BabbleError(f"{folder / _NGRAM}: does not fit the ear ({error}); {remedy}.") from error


def _read_description(
    path: Path, remedy: str
) -> tuple[EarConfig, BeamConfig, dict[str, Any], dict[str, str]]:
    """Reads `ear.json`: the config, the settings of the search, the card, and the digests of the other files.

    Args:
      path: of the file.
      remedy: the end of the sentence about a file that is something else.
    """
    values = read_json(path, remedy=remedy)
    parts = {"ear", "beam", "card", DIGESTS}
    if not isinstance(values, dict) or not all(isinstance(values.get(part), dict) for part in parts):
        raise BabbleError(
            f"{path}: this is not the description of an ear, an object with ear, beam, card and {DIGESTS}; {remedy}."
        )
    if unknown := sorted(set(values) - parts):
        raise BabbleError(f"{path}: there is no field {', '.join(map(repr, unknown))}; remove it.")
    digests = values[DIGESTS]
    if WEIGHTS not in digests or not set(digests) <= {WEIGHTS, _NGRAM}:
        raise BabbleError(f"{path}: {DIGESTS} must have a digest of {WEIGHTS}; {remedy}.")
    shape = configs.from_json(EarConfig, values["ear"], str(path))
    return shape, configs.from_json(BeamConfig, values["beam"], str(path)), values["card"], digests


def _read_ngram(path: Path, digest: Any, remedy: str) -> NGram:
    content = read_bytes(path)
    _FILES.check_digest(path, content, digest)
    try:
        return ngram_from_json(read_json(path, remedy=remedy))
    except ValueError as error:
        raise BabbleError(f"{path}: is no n-gram ({error}); {remedy}.") from error


def _read_weights(path: Path, settings: EarConfig, digest: Any, remedy: str) -> dict[str, Any]:
    """Reads the parameters of an ear, and checks that they are those of its config and finite.

    Args:
      path: of the file.
      settings: of the ear.
      digest: SHA-256 of the file.
      remedy: the end of the sentence about a file that does not fit.
    """
    content = read_bytes(path, _MOST_BYTES)
    _FILES.check_digest(path, content, digest)
    return _FILES.parse_params(path, content, parameter_shapes(settings), remedy)
