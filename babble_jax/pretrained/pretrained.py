"""Pretrained voices on disk: folders with `voice.json`, `weights.safetensors` and, for units, `units.safetensors`."""

import dataclasses
import math
import os
import time
from pathlib import Path
from typing import Any

import flax
import jax
import numpy as np

from babble_jax import config
from babble_jax.arguments import check_arguments
from babble_jax.compilation import recall
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_bytes, read_json
from babble_jax.presets import registry
from babble_jax.pretrained.folder_layout import (
    DIGESTS,
    PHONES,
    UNITS,
    VOCODER,
    VOICE,
    WEIGHTS,
    find_voice_folder,
    name_voice,
)
from babble_jax.pretrained.weights import ModelFiles, flatten_params
from babble_jax.voice import models
from babble_jax.voice.conditioning.prosody_response import ProsodyResponse, read_response
from babble_jax.voice.conditioning.unit_models import load_unit_models, save_unit_models
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.models.bounds import MOST_PARAMETERS
from babble_jax.voice.voice import Voice

_FILES = ModelFiles("voice", VOICE)
_TRIES, _PATIENCE = (
    5,
    1.0,
)  # times, and seconds, that loading waits for a voice that another process is writing
_HEADER = 1024**2  # bytes of a safetensors file beside its arrays


@dataclasses.dataclass(frozen=True, eq=False)
class PretrainedVoice(Voice):
    """A voice with its card.

    Attributes:
      card: data set, licence, steps, metrics, and default temperature of the voice; JSON values.
    """

    card: dict = dataclasses.field(default_factory=dict)

    @property
    def temperature(self) -> float:
        """Default temperature: that of its card, or 1."""
        return float(self.card.get("temperature", 1.0))

    def prosody_response(self, speaker: int) -> ProsodyResponse:
        """Returns how the sound of a speaker, by its index, follows what it is conditioned on: as on the card."""
        names = self.config.speakers
        return read_response(self.card, {"speaker": names[speaker] if names else None})


def save_voice(voice: PretrainedVoice, folder: Path, half: bool = False) -> None:
    """Writes `weights.safetensors`, `units.safetensors` for a voice with units, and `voice.json`, each atomically.

    An older `voice.json` is removed before the weights are replaced, so that it never describes weights of another
    save.

    Args:
      voice: the voice.
      folder: made if absent.
      half: whether weights are written as float16 rather than float32.
    """
    dtype = np.float16 if half else np.float32
    _FILES.write_weights({name: x.astype(dtype) for name, x in flatten_params(voice.params).items()}, folder)
    if voice.unit_models is not None:
        save_unit_models(voice.unit_models, folder / UNITS)
    save_card(voice, folder)


def save_card(voice: PretrainedVoice, folder: Path) -> None:
    """Writes `voice.json`: the config, the card, and SHA-256 digests of the other files of the voice in a folder."""
    names = [WEIGHTS] if voice.unit_models is None else [WEIGHTS, UNITS]
    _FILES.write_description({"voice": config.to_json(voice.config), "card": voice.card}, folder, names)


@check_arguments
def load_voice(folder: str | os.PathLike) -> PretrainedVoice:
    """Loads a voice: a shipped one by its name, or any one by its folder.

    Args:
      folder: name of a shipped voice, folder of a voice, or folder of a run of `babble train`.

    Returns:
      The voice: `config`, `params`, `units` and `card`.

    Raises:
      BabbleError: there is no such folder, it holds no voice, a file is damaged, or the weights do not fit the
        config.

    Examples:
      >>> voice = load_voice("babblers")
      >>> voice.config.speakers, voice.config.sample_rate
      (('woman', 'man'), 16000)
    """
    meant, remedy = "", "name a folder that `babble train` wrote (WORKDIR or WORKDIR/voice)"
    if not str(folder):
        raise BabbleError(f"The name of the voice is empty; {remedy}.")
    if str(folder) in registry.names("voices"):
        folder = registry.path("voices", str(folder))
    else:
        meant = registry.suggest("voices", str(folder))
        remedy += ", or a voice that ships (`babble voices` lists them)"
    folder = find_voice_folder(folder)
    end = time.monotonic() + _PATIENCE
    while True:
        before = _identity(folder)
        try:
            return _read_voice(folder, meant, remedy)
        except BabbleError:
            # Another process may be replacing the voice, as a training does at each save.
            replaced = _identity(folder) != before or (before is None and is_file(folder / WEIGHTS))
            if not replaced or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _identity(folder: Path) -> tuple[int, int] | None:
    """Tells one `voice.json` of a folder from the next one; None where there is none."""
    try:
        status = (folder / VOICE).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _read_voice(folder: Path, meant: str, remedy: str) -> PretrainedVoice:
    """Reads the files of a voice.

    Args:
      folder: of the voice.
      meant: a guess at what voice was meant, for messages.
      remedy: the end of the sentence about a file that is something else.
    """
    path = folder / VOICE
    if not is_file(path):
        raise BabbleError(f"{folder}: there is no voice here{meant}; {remedy}.")
    settings, card, digests = _read_description(path, remedy)
    params = _read_weights(folder / WEIGHTS, settings, digests.get(WEIGHTS), remedy)
    unit_models = None
    if settings.units:
        units = folder / UNITS
        if UNITS in digests:
            _FILES.check_digest(units, read_bytes(units), digests[UNITS])
        unit_models = load_unit_models(units, settings.units, len(settings.speakers))
    return PretrainedVoice(settings, params, name_voice(folder), unit_models, card)


def _read_description(path: Path, remedy: str) -> tuple[VoiceConfig, dict[str, Any], dict[str, str]]:
    """Reads `voice.json`: the config, the card, and the digests of the other files, none in an older voice.

    Args:
      path: of the file.
      remedy: the end of the sentence about a file that is something else.
    """
    try:
        values = read_json(path)
    except BabbleError as error:
        reason = str(error).removeprefix(str(path)).lstrip(":, ").split(";")[0]
        raise BabbleError(f"{path}: this is not the description of a voice ({reason}); {remedy}.") from error
    if isinstance(values, dict) and values.get("kind") == PHONES:
        raise BabbleError(
            f"{path}: this voice speaks phones, which is not asked for here; name the folder of its vocoder "
            f"({path.parent / VOCODER}), or another voice."
        )
    parts = {"voice", "card", DIGESTS}
    if not isinstance(values, dict) or not all(
        isinstance(values.get(part, {} if part == DIGESTS else None), dict) for part in parts
    ):
        raise BabbleError(
            f"{path}: this is not the description of a voice, an object with voice and card; {remedy}."
        )
    if unknown := sorted(set(values) - parts):
        raise BabbleError(f"{path}: there is no field {', '.join(map(repr, unknown))}; remove it.")
    settings = config.from_json(VoiceConfig, values["voice"], str(path))
    card, digests = values["card"], values.get(DIGESTS, {})
    try:
        Sampling(float(card.get("temperature", 1.0)))  # raises for an impossible temperature
    except (ValueError, TypeError, OverflowError) as error:
        raise BabbleError(f"{path}: this is not the description of a voice ({error}); {remedy}.") from error
    expected = {WEIGHTS, UNITS} if settings.units else {WEIGHTS}
    if digests and (set(digests) != expected or not all(isinstance(x, str) for x in digests.values())):
        raise BabbleError(
            f"{path}: {DIGESTS} must have a digest of {' and '.join(sorted(expected))}; {remedy}."
        )
    return settings, card, digests


def _read_weights(path: Path, settings: VoiceConfig, digest: str | None, remedy: str) -> dict[str, Any]:
    """Reads the parameters of a model, and checks that they are those of its config and finite.

    Args:
      path: of the file.
      settings: of the voice.
      digest: SHA-256 of the file; None where it is not known.
      remedy: the end of the sentence about a file that does not fit.
    """
    shapes, count = _expected_shapes(settings), count_parameters(settings)
    if count > MOST_PARAMETERS:
        raise BabbleError(f"{path.with_name(VOICE)}: describes a model of {count} parameters; {remedy}.")
    try:
        content = read_bytes(path, 4 * count + _HEADER)
    except BabbleError as error:
        reason = str(error).removeprefix(f"{path}: ").split(";")[0]
        raise BabbleError(f"{path}: the weights cannot be read ({reason}); {remedy}.") from error
    if digest is not None:
        _FILES.check_digest(path, content, digest)
    return _FILES.parse_params(path, content, shapes, remedy)


def count_parameters(settings: VoiceConfig) -> int:
    """Counts the parameters of a voice's model; nothing of their size is made."""
    return sum(math.prod(shape) for shape in _expected_shapes(settings).values())


def _expected_shapes(settings: VoiceConfig) -> dict[str, list[int]]:
    """Lists the shapes of a model's parameters by their names in the file; to trace the model for them takes time."""
    model = settings.sample_model

    def trace() -> dict[str, list[int]]:
        leaves = jax.tree_util.tree_leaves_with_path(jax.eval_shape(model.init, jax.random.key(0)))
        return {jax.tree_util.keystr(path, simple=True, separator="/"): list(x.shape) for path, x in leaves}

    sizes = (model.q_levels, model.speakers, model.local, settings.mixture)
    key = (config.to_json(settings.model), *sizes, flax.__version__)
    return recall("shapes", key, Path(models.__file__).parent, trace)
