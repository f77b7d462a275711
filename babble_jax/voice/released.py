"""Voices on disk: what a folder with `voice.json` and `weights.safetensors` holds."""

import dataclasses
import functools
import importlib.resources
import json
import os
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import safetensors
import safetensors.numpy

from babble_jax import config, files
from babble_jax.audio.level import LOWEST
from babble_jax.audio.quantize import Quantizer
from babble_jax.audio.units import Said
from babble_jax.errors import BabbleError
from babble_jax.voice import activity, units
from babble_jax.voice.contract import Params, Voice
from babble_jax.voice.generate import Sampling
from babble_jax.voice.models import ModelConfig, build
from babble_jax.voice.samplernn import SampleRNNConfig
from babble_jax.voice.units import Units

LEVELS = (LOWEST, -45.0, -30.0, -15.0)  # dB of full scale; of the features that say how loud
_CONFIG, _WEIGHTS, _UNITS = "voice.json", "weights.safetensors", "units.safetensors"


@dataclasses.dataclass(frozen=True)
class VoiceConfig:
    """A model and the meaning of its samples.

    Attributes:
      model: of the voice.
      quantizer: of its samples.
      sample_rate: Hz.
      gain: factor from recorded amplitude to that which is quantized, fixed for the whole data set.
      speakers: names, in the order of `Cond.speaker`; empty for a voice that takes no speaker.
      local: names of the features of `Cond.local`, in its order, from those that `features` knows; empty for a voice
        that takes none.
      units: how many acoustic units a voice knows that is told which to make, how high and how loud; 0 for none.
      bandwidth: Hz, how far up the recordings of each speaker reach, one value for a voice that takes no speaker: what
        a voice makes above is cut off. Empty where nothing is to be.
    """

    model: ModelConfig = SampleRNNConfig()
    quantizer: Quantizer = Quantizer()
    sample_rate: int = 16000
    gain: float = 1.0
    speakers: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    units: int = 0
    bandwidth: tuple[float, ...] = ()

    def __post_init__(self):
        if self.sample_rate < 1 or not 0 < self.gain < float("inf"):
            raise ValueError(f"sample_rate {self.sample_rate} and gain {self.gain} must be positive")
        if self.local not in ((), activity.FEATURES):
            raise ValueError(f"local must be none, or {', '.join(activity.FEATURES)}; not {self.local}")
        if not (self.units == 0 or (2 <= self.units <= 256 and self.local)):
            raise ValueError(
                f"units is {self.units}; choose from 2 to 256, for a voice that is also told when to speak, or 0"
            )
        if self.bandwidth and (len(self.bandwidth) != max(1, len(self.speakers)) or min(self.bandwidth) <= 0):
            raise ValueError(
                f"bandwidth is {self.bandwidth}; give a positive one for each speaker, one without speakers, or none"
            )
        _ = self.voice  # its own rules

    @functools.cached_property
    def voice(self) -> Voice:
        """The voice itself."""
        return build(
            self.model,
            self.quantizer.levels,
            len(self.speakers),
            len(self.local) + (self.units + 2 + len(LEVELS) if self.units else 0),
        )

    def middles(self, first: int, count: int) -> np.ndarray:
        """Seconds of the middles of `count` top frames from frame `first` on, [N]."""
        return (np.arange(first, first + count) + 0.5) * (self.voice.frame / self.sample_rate)

    def features(self, intervals: np.ndarray, middles: np.ndarray, said: Said | None) -> np.ndarray:
        """`Cond.local` of a stream: [N, C] float32; C = 0 for a voice that takes none.

        Activity; then, for a voice that knows units, one of them, whether it is voiced, how high (octaves, 0 where it
        is not), and how loud: four weights, which sum to 1, of the levels between which it lies.

        Args:
          intervals: [K, 2] seconds in which it is active.
          middles: [N] seconds of the top frames.
          said: what is said in each, for a voice that knows units.
        """
        if not self.local:
            return np.zeros((len(middles), 0), np.float32)
        rows = activity.features(intervals, middles)
        if not self.units:
            return rows
        assert said is not None
        voiced = np.isfinite(said.pitch)
        sound = np.stack([voiced, np.where(voiced, said.pitch, 0)], axis=1)
        loud = np.stack([np.interp(said.level, LEVELS, near) for near in np.eye(len(LEVELS))], axis=1)
        return np.hstack([rows, np.eye(self.units)[said.units], sound, loud]).astype(np.float32)

    def encode(self, pcm: jax.Array) -> jax.Array:
        """Codes of int16 samples, any shape."""
        return self.quantizer.encode(pcm.astype(jnp.float32) * (self.gain / 32768))

    def decode(self, codes: jax.Array | np.ndarray) -> np.ndarray:
        """Amplitudes of codes, any shape, float32 in [-1, 1] at the level of the recordings."""
        return np.clip(np.asarray(self.quantizer.decode(codes)) / self.gain, -1, 1).astype(np.float32)


@dataclasses.dataclass(frozen=True, eq=False)
class Released:
    """A trained voice.

    Attributes:
      config: model and the meaning of its samples.
      params: as `contract.Voice.init` gives them.
      card: where it comes from: data set, licence, steps, figures; and its temperature. Plain JSON values.
      name: of its folder.
      units: what it knows of units, if it does.
    """

    config: VoiceConfig
    params: Params
    card: dict
    name: str = ""
    units: Units | None = None

    def sampling(self, temperature: float | None = None, top_k: int = 0) -> Sampling:
        """How its samples are drawn; at the temperature of its card, or 1, its own law, where none is given."""
        return Sampling(
            float(self.card.get("temperature", 1.0)) if temperature is None else temperature, top_k
        )

    def index_of(self, speaker: str | None) -> int | None:
        """Number of a speaker, the first one's for None; None for a voice that has none.

        Raises:
          BabbleError: it has no such speaker.
        """
        speakers = self.config.speakers
        if speaker is None:
            return 0 if speakers else None
        if speaker not in speakers:
            known, remedy = (
                ", ".join(speakers) or "none",
                "give one of them" if speakers else "give no speaker",
            )
            raise BabbleError(f"The voice {self.name} has the speakers: {known}; not {speaker}: {remedy}.")
        return speakers.index(speaker)


def save(released: Released, folder: Path, half: bool = False) -> None:
    """Writes `weights.safetensors`, `units.safetensors` if there are some, and `voice.json`; each whole or not at all.

    The old description goes before the old weights, so that a description never stands beside weights of another save.
    Weights are float32, or float16 where `half`.
    """
    kind = np.float16 if half else np.float32
    flat = {
        "/".join(key.key for key in path): np.asarray(x, kind)
        for path, x in jax.tree_util.tree_leaves_with_path(released.params)
    }
    with files.whole(folder / _WEIGHTS) as temporary:
        temporary.write_bytes(safetensors.numpy.save(flat))
        (folder / _CONFIG).unlink(missing_ok=True)
    if released.units is not None:
        units.save(released.units, folder / _UNITS)
    files.write_json(folder / _CONFIG, {"voice": config.to_json(released.config), "card": released.card})


def shipped() -> list[str]:
    """Names of the voices that ship."""
    folder = importlib.resources.files("babble_jax") / "presets" / "voices"
    return sorted(entry.name for entry in folder.iterdir() if (entry / _CONFIG).is_file())


def load(folder: str | os.PathLike) -> Released:
    """Reads a voice: one that ships, by name, or one of your own, by folder.

    Raises:
      BabbleError: no such folder, not a voice, a damaged file, or weights that do not fit the config.
    """
    remedy = "name a folder that `babble train` wrote (WORKDIR or WORKDIR/voice)"
    if str(folder) in shipped():
        folder = str(importlib.resources.files("babble_jax") / "presets" / "voices" / str(folder))
    elif shipped():
        remedy += f", or a voice that ships ({', '.join(shipped())})"
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
    expected = jax.eval_shape(settings.voice.init, jax.random.key(0))
    leaves, tree = jax.tree_util.tree_flatten_with_path(expected)
    names = ["/".join(key.key for key in keys) for keys, _ in leaves]
    if set(names) != set(flat) or any(
        flat[n].shape != x.shape for n, (_, x) in zip(names, leaves, strict=True)
    ):
        raise BabbleError(f"{path}: the weights do not fit the model that {_CONFIG} describes; {remedy}.")
    params = jax.tree.unflatten(tree, [jnp.asarray(flat[name], jnp.float32) for name in names])
    named = folder.resolve()
    name = named.parent.name if named.name == "voice" else named.name
    known = units.load(folder / _UNITS, settings.units, len(settings.speakers)) if settings.units else None
    return Released(settings, params, card, name, known)
