"""Makes voices equally loud by a gain, and limits their peaks.

Axes: T samples. Levels are dB relative to a full-scale constant (dBFS of RMS).
"""

from collections.abc import Callable

import numpy as np

from babble_jax.audio.filters import remove_rumble
from babble_jax.audio.level import active_level_db
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pair import without_final
from babble_jax.voice.babbler import Babbler, stream_keys

ACTIVE_LEVEL_DB = -26.0
"""The active level of every voice, after its gain (the nominal level of ITU-T P.56)."""
SILENT_DB = -60.0
"""A voice below this level counts as silent."""

_KNEE, _CEILING = 0.5, 0.89  # the ceiling is -1.01 dBFS: rounding to 16 bits stays below -1 dBFS
_REFERENCE_SEED = 0x6261_6262  # any fixed number: the reference stretch is the same in every dialogue
_REFERENCE_STREAMS, _REFERENCE_SECONDS = 8, 2.5


def measure_gain(babbler: Babbler, advance: Callable[[int], None]) -> float:
    """Measures the factor of amplitude that brings a voice to `ACTIVE_LEVEL_DB`.

    Args:
      babbler: the voice.
      advance: counts samples; `reference_samples` says how many there are.

    Raises:
      BabbleError: the voice is silent, or gives values that are not finite.
    """
    return gain_at_level(measure_level(babbler, advance))


def gain_at_level(level_db: float) -> float:
    """Computes the factor of amplitude that brings a voice of an active level, dBFS, to `ACTIVE_LEVEL_DB`."""
    return float(10 ** ((ACTIVE_LEVEL_DB - level_db) / 20))


def measure_level(babbler: Babbler, advance: Callable[[int], None]) -> float:
    """Measures the active level of a voice, dBFS.

    Eight streams of 2.5 s from keys that never change are measured: the level depends on the voice alone.

    Args:
      babbler: the voice.
      advance: counts samples; `reference_samples` says how many there are.

    Raises:
      BabbleError: the voice is silent, or gives values that are not finite.
    """
    keys = stream_keys(_REFERENCE_SEED, count=_REFERENCE_STREAMS)
    samples = round(_REFERENCE_SECONDS * babbler.sample_rate)
    streams = without_final(babbler).babble(keys, [samples] * _REFERENCE_STREAMS, advance)
    audio = np.concatenate([remove_rumble(stream[:samples], babbler.sample_rate) for stream in streams])
    if not np.all(np.isfinite(audio)):
        raise BabbleError(
            f"The voice {babbler.name} gives values that are not finite; use an earlier checkpoint."
        )
    level_db = active_level_db(audio, babbler.sample_rate)
    if level_db < SILENT_DB:
        raise BabbleError(
            f"The voice {babbler.name} is silent (level {level_db:.0f} dBFS); "
            "train it longer or raise the temperature."
        )
    return float(level_db)


def reference_samples(rate: int) -> int:
    """Counts the samples of babble that `measure_level` asks for."""
    return _REFERENCE_STREAMS * round(_REFERENCE_SECONDS * rate)


def limit_peaks(audio: np.ndarray) -> np.ndarray:
    """Bends the peaks of `audio` [...] smoothly below -1 dBFS: unchanged up to 0.5, then tanh towards 0.89.

    It is a fixed function of each sample, so that no sample's value depends on any other.
    """
    over = np.maximum(np.abs(audio) - _KNEE, 0)
    room = _CEILING - _KNEE
    return np.where(over > 0, np.sign(audio) * (_KNEE + room * np.tanh(over / room)), audio).astype(
        np.float32
    )
