"""Pretrained voices on disk: folders with `voice.json`, `weights.safetensors` and, for units, `units.safetensors`."""

import dataclasses
import functools
import json
import os
from pathlib import Path
from typing import Any

import flax
import jax
import numpy as np
import safetensors
import safetensors.numpy

from babble_jax import config, files
from babble_jax.compilation import recall
from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.voice import models
from babble_jax.voice.conditioning.unit_models import load_unit_models, save_unit_models
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.sampling.ancestral import Sampling
from babble_jax.voice.voice import Voice

_CONFIG, _WEIGHTS, _UNITS = "voice.json", "weights.safetensors", "units.safetensors"


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
    flat = {
        "/".join(key.key for key in path): np.asarray(x, dtype)
        for path, x in jax.tree_util.tree_leaves_with_path(voice.params)
    }
    with files.atomic_write(folder / _WEIGHTS) as temporary:
        temporary.write_bytes(safetensors.numpy.save(flat))
        (folder / _CONFIG).unlink(missing_ok=True)
    if voice.unit_models is not None:
        save_unit_models(voice.unit_models, folder / _UNITS)
    save_card(voice, folder)


def save_card(voice: PretrainedVoice, folder: Path) -> None:
    """Writes `voice.json`, the config and the card of the voice whose weights are in a folder."""
    files.write_json(folder / _CONFIG, {"voice": config.to_json(voice.config), "card": voice.card})


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
    if str(folder) in registry.names("voices"):
        folder = registry.path("voices", str(folder))
    else:
        meant = registry.suggest("voices", str(folder))
        remedy += f", or a voice that ships ({', '.join(registry.names('voices'))})"
    folder = Path(folder)
    if not (folder / _CONFIG).is_file() and (folder / "voice" / _CONFIG).is_file():
        folder = folder / "voice"
    path = folder / _CONFIG
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        settings = config.from_json(VoiceConfig, values["voice"], str(path))
        card = values["card"]
        Sampling(float(card.get("temperature", 1.0)))  # raises for an impossible temperature
    except (FileNotFoundError, NotADirectoryError):
        raise BabbleError(f"{folder}: there is no voice here{meant}; {remedy}.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BabbleError(f"{path}: this is not the description of a voice ({error!r}); {remedy}.") from error
    path = folder / _WEIGHTS
    try:
        flat = safetensors.numpy.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise BabbleError(f"{path}: the weights cannot be read ({error}); {remedy}.") from error
    if _expected_shapes(settings) != {name: list(x.shape) for name, x in flat.items()}:
        raise BabbleError(f"{path}: the weights do not fit the model that {_CONFIG} describes; {remedy}.")
    params: dict[str, Any] = {}
    for name, x in flat.items():
        *above, last = name.split("/")
        functools.reduce(lambda folder, part: folder.setdefault(part, {}), above, params)[last] = x.astype(
            np.float32
        )
    resolved = folder.resolve()
    name = resolved.parent.name if resolved.name == "voice" else resolved.name
    unit_models = None
    if settings.units:
        unit_models = load_unit_models(folder / _UNITS, settings.units, len(settings.speakers))
    return PretrainedVoice(settings, params, name, unit_models, card)


def _expected_shapes(settings: VoiceConfig) -> dict[str, list[int]]:
    """Lists the shapes of a model's parameters by their names in the file; to trace the model for them takes time."""
    model = settings.sample_model

    def trace() -> dict[str, list[int]]:
        leaves = jax.tree_util.tree_leaves_with_path(jax.eval_shape(model.init, jax.random.key(0)))
        return {"/".join(key.key for key in path): list(x.shape) for path, x in leaves}

    key = (config.to_json(settings.model), model.q_levels, model.speakers, model.local, flax.__version__)
    return recall("shapes", key, Path(models.__file__).parent, trace)
