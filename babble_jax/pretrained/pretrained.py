"""Trained voices on disk: what a folder with `voice.json` and `weights.safetensors` holds."""

import dataclasses
import json
import os
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import safetensors
import safetensors.numpy

from babble_jax import config, files
from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.voice.conditioning import units
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.sampling.ancestral import Sampling
from babble_jax.voice.voice import Voice

DEFAULT = "babblers"
"""The voice that ships and is used where none is named: two speakers."""

_CONFIG, _WEIGHTS, _UNITS = "voice.json", "weights.safetensors", "units.safetensors"


@dataclasses.dataclass(frozen=True, eq=False)
class PretrainedVoice(Voice):
    """A trained voice with its card.

    Attributes:
      card: where it comes from: data set, licence, steps, metrics; and its temperature. Plain JSON values.
    """

    card: dict = dataclasses.field(default_factory=dict)

    @property
    def temperature(self) -> float:
        """That of its card, or 1."""
        return float(self.card.get("temperature", 1.0))


def save_voice(voice: PretrainedVoice, folder: Path, half: bool = False) -> None:
    """Writes `weights.safetensors`, `units.safetensors` if there are some, and `voice.json`; each whole or not at all.

    The old description goes before the old weights, so that a description never stands beside weights of another save.
    Weights are float32, or float16 where `half`.
    """
    kind = np.float16 if half else np.float32
    flat = {
        "/".join(key.key for key in path): np.asarray(x, kind)
        for path, x in jax.tree_util.tree_leaves_with_path(voice.params)
    }
    with files.atomic_write(folder / _WEIGHTS) as temporary:
        temporary.write_bytes(safetensors.numpy.save(flat))
        (folder / _CONFIG).unlink(missing_ok=True)
    if voice.units is not None:
        units.save_units(voice.units, folder / _UNITS)
    files.write_json(folder / _CONFIG, {"voice": config.to_json(voice.config), "card": voice.card})


def load_voice(folder: str | os.PathLike) -> PretrainedVoice:
    """Reads a voice: one that ships, by name, or one of your own, by folder.

    Raises:
      BabbleError: no such folder, not a voice, a damaged file, or weights that do not fit the config.
    """
    remedy = "name a folder that `babble train` wrote (WORKDIR or WORKDIR/voice)"
    if str(folder) in registry.names("voices"):
        folder = registry.path("voices", str(folder))
    else:
        remedy += f", or a voice that ships ({', '.join(registry.names('voices'))})"
    folder = Path(folder)
    if not (folder / _CONFIG).is_file() and (folder / "voice" / _CONFIG).is_file():
        folder = folder / "voice"
    path = folder / _CONFIG
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        settings = config.from_json(VoiceConfig, values["voice"], str(path))
        card = values["card"]
        Sampling(float(card.get("temperature", 1.0)))  # a rule
    except (FileNotFoundError, NotADirectoryError):
        raise BabbleError(f"{folder}: there is no voice here; {remedy}.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BabbleError(f"{path}: this is not the description of a voice ({error!r}); {remedy}.") from error
    path = folder / _WEIGHTS
    try:
        flat = safetensors.numpy.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise BabbleError(f"{path}: the weights cannot be read ({error}); {remedy}.") from error
    expected = jax.eval_shape(settings.sample_model.init, jax.random.key(0))
    leaves, tree = jax.tree_util.tree_flatten_with_path(expected)
    names = ["/".join(key.key for key in keys) for keys, _ in leaves]
    if set(names) != set(flat) or any(
        flat[n].shape != x.shape for n, (_, x) in zip(names, leaves, strict=True)
    ):
        raise BabbleError(f"{path}: the weights do not fit the model that {_CONFIG} describes; {remedy}.")
    params = jax.tree.unflatten(tree, [jnp.asarray(flat[name], jnp.float32) for name in names])
    named = folder.resolve()
    name = named.parent.name if named.name == "voice" else named.name
    known = (
        units.load_units(folder / _UNITS, settings.units, len(settings.speakers)) if settings.units else None
    )
    return PretrainedVoice(settings, params, name, known, card)
