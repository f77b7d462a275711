"""Pretrained models from phones to spectrograms on disk: folders with `synthesizer.json` and `weights.safetensors`."""

import dataclasses
import functools
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax import config as configs
from babble_jax.arguments import check_arguments
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_bytes, read_json
from babble_jax.plural import plural
from babble_jax.presets import registry
from babble_jax.pretrained.weights import DIGESTS, WEIGHTS, ModelFiles, flatten_params
from babble_jax.tacotron.config import SynthesisConfig
from babble_jax.tacotron.inputs import PhoneInputs, make_inputs
from babble_jax.tacotron.speech import Speech, collect_speech
from babble_jax.tacotron.synthesizer import Generation, Synthesizer
from babble_jax.voice.contract import Params

_FILES = ModelFiles("model", "synthesizer.json")
_CONFIG = _FILES.description
_MOST_BYTES = 2 * 1024**3
_ROUND = 32  # phones
_REMEDY = "name a folder that `babble train --task tacotron` wrote (WORKDIR or WORKDIR/synthesizer)"


@dataclasses.dataclass(frozen=True, eq=False)
class PretrainedSynthesizer:
    """A model from phones to spectrograms, with its parameters and its card.

    Attributes:
      config: of the model.
      params: parameters, float32.
      card: recordings, steps, metrics; JSON values.
    """

    config: SynthesisConfig
    params: Params
    card: dict[str, Any] = dataclasses.field(default_factory=dict)

    @functools.cached_property
    def model(self) -> Synthesizer:
        """Pure functions of the model."""
        return Synthesizer(self.config)

    @functools.cached_property
    def _generate(self) -> Callable[..., Generation]:
        return jax.jit(self.model.generate, static_argnames="most_steps")

    def speak(
        self,
        phones: Sequence[str],
        prosody: Mapping[str, np.ndarray] | None = None,
        *,
        speaker: str | None = None,
        language: str | None = None,
        seed: int = 0,
        seconds: float = 20.0,
    ) -> Speech:
        """Speaks phones.

        Args:
          phones: names, N of them.
          prosody: values [N] of each phone by the name of the channel (`tacotron.config.InputConfig`), as
            `PhraseProsody.channels` gives them; channels that are not there are the model's to choose.
          speaker: name; None for the first.
          language: name; None for the first.
          seed: of the units that the prenet leaves out: another one speaks a little otherwise.
          seconds: at which the model is cut off, if it has not said that the end is reached.

        Raises:
          BabbleError: the model has no such phone, speaker or language, or a channel has another number of values.
        """
        requested = self.inputs(phones, prosody, speaker, language)
        most = math.ceil(seconds / self.config.mel.hop_seconds / self.model.reduction)
        keys = jax.random.key(seed)[None]
        generation = jax.device_get(self._generate(self.params, requested, keys, most_steps=most))
        return collect_speech(self.config, generation, np.array([len(phones)]))[0]

    def inputs(
        self,
        phones: Sequence[str],
        prosody: Mapping[str, np.ndarray] | None = None,
        speaker: str | None = None,
        language: str | None = None,
    ) -> PhoneInputs:
        """Makes the inputs of the model for one utterance, with room for more phones, so that few lengths are compiled.

        Args:
          phones: names, N of them.
          prosody: values [N] of each phone by the name of the channel.
          speaker: name; None for the first.
          language: name; None for the first.

        Raises:
          BabbleError: the model has no such phone, speaker or language, or a channel has another number of values.
        """
        inputs, count = self.config.inputs, len(phones)
        for name, values in (prosody or {}).items():
            if name not in inputs.prosody:
                there = ", ".join(inputs.prosody) or "none"
                raise BabbleError(f"the model has no channel of prosody {name!r}; its channels: {there}.")
            if np.shape(values) != (count,):
                raise BabbleError(
                    f"{name} has {np.size(values)} values for {plural(count, 'phone')}; give one for each."
                )
        length = -(-max(count, 1) // _ROUND) * _ROUND
        return make_inputs(inputs, [phones], [prosody or {}], speaker, language, length)


def save_synthesizer(synthesizer: PretrainedSynthesizer, folder: Path, half: bool = False) -> None:
    """Writes weights and `synthesizer.json`, each atomically.

    An older `synthesizer.json` is removed before the weights are replaced, so that it never describes weights of
    another save.

    Args:
      synthesizer: the model.
      folder: made if absent.
      half: whether weights are written as float16 rather than float32.
    """
    dtype = np.float16 if half else np.float32
    arrays = {name: x.astype(dtype) for name, x in flatten_params(synthesizer.params).items()}
    _FILES.write_weights(arrays, folder)
    values = {"synthesizer": configs.to_json(synthesizer.config), "card": synthesizer.card}
    _FILES.write_description(values, folder, [WEIGHTS])


@check_arguments
def load_synthesizer(folder: str | os.PathLike) -> PretrainedSynthesizer:
    """Loads a model from phones to spectrograms.

    Args:
      folder: of the model, of a run of `babble train --task tacotron`, or of a voice that speaks phones; or the name of
        such a voice that ships.

    Returns:
      The model: `speak` makes speech of phones; `config`, `params` and `card`.

    Raises:
      BabbleError: there is no such folder, it holds no model, a file is damaged, or the weights do not fit the config.

    Examples:
      >>> model = load_synthesizer("synthesizer")
      >>> model.config.inputs.symbols
      ('a', 'b', 'c')
      >>> speech = model.speak(["a", "b", "a"], seconds=0.1)
      >>> speech.attention.shape[1], speech.mel.shape[1]
      (3, 5)
    """
    shipped = str(folder) in registry.names("voices")
    folder = registry.path("voices", str(folder)) if shipped else Path(folder)
    if not is_file(folder / _CONFIG) and is_file(folder / "synthesizer" / _CONFIG):
        folder = folder / "synthesizer"
    path = folder / _CONFIG
    if not is_file(path):
        raise BabbleError(f"{folder}: there is no model from phones to spectrograms here; {_REMEDY}.")
    values = read_json(path, remedy=_REMEDY)
    parts = {"synthesizer", "card", DIGESTS}
    if (
        not isinstance(values, dict)
        or {*values} != parts
        or not all(isinstance(values[part], dict) for part in parts)
    ):
        raise BabbleError(
            f"{path}: this is no description of such a model, an object with synthesizer, card and {DIGESTS}; "
            f"{_REMEDY}."
        )
    config = configs.from_json(SynthesisConfig, values["synthesizer"], str(path))
    weights = folder / WEIGHTS
    content = read_bytes(weights, _MOST_BYTES)
    _FILES.check_digest(weights, content, values[DIGESTS].get(WEIGHTS))
    params = _FILES.parse_params(weights, content, parameter_shapes(config), _REMEDY)
    return PretrainedSynthesizer(config, params, values["card"])


def parameter_shapes(config: SynthesisConfig) -> dict[str, list[int]]:
    """Lists the shapes of the parameters of a model by their names in the file."""
    tree = jax.eval_shape(Synthesizer(config).init, jax.random.key(0))
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="/"): list(x.shape) for path, x in leaves}
