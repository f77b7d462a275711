"""How loud: the active level of a voice, the gain that makes voices equally loud, and the limit on peaks.

Axes: T samples, F frames of 10 ms. Levels are dB relative to a full-scale constant (dBFS of RMS).
"""

from collections.abc import Callable

import numpy as np
import scipy.signal

from babble_jax.errors import BabbleError
from babble_jax.voice.babbler import Babbler, stream_keys

FRAME_SECONDS = 0.010
MARGIN_DB = 15.9
"""A frame this far below the active level is silence (ITU-T P.56, method B)."""
ACTIVE_LEVEL_DB = -26.0
"""The level every voice is brought to (the nominal level of ITU-T P.56)."""
SILENT_DB = -60.0
"""A voice below this is taken for silent."""

_KNEE, _CEILING = 0.5, 0.89  # the ceiling is -1.01 dBFS: rounding to 16 bits stays below -1 dBFS
_HIGH_PASS_HZ = 50.0
_REFERENCE_SEED = 0x6261_6262  # any fixed number: the reference stretch is the same in every dialogue
_REFERENCE_STREAMS, _REFERENCE_SECONDS = 8, 2.5


def frame_samples(rate: int) -> int:
    """Samples per frame."""
    return round(FRAME_SECONDS * rate)


def frame_power(audio: np.ndarray, rate: int) -> np.ndarray:
    """[F] float64 mean squares of the whole frames of `audio` [T]."""
    size = frame_samples(rate)
    whole = audio[: len(audio) // size * size].astype(np.float64).reshape(-1, size)
    return np.mean(np.square(whole), axis=1)


def active_level(audio: np.ndarray, rate: int) -> float:
    """Level of `audio` [T] over its active frames, in dBFS; -inf where every frame is zero.

    The largest set of frames that lie no more than `MARGIN_DB` below its own level. Differs from ITU-T P.56
    in that frames stand in for the smoothed envelope and there is no hang-over of 200 ms.
    """
    power = frame_power(audio, rate)
    power = power[power > 0]
    while len(power):
        active = power[power >= np.mean(power) * 10 ** (-MARGIN_DB / 10)]
        if len(active) == len(power):
            return float(10 * np.log10(np.mean(power)))
        power = active
    return -np.inf


def reference_gain(babbler: Babbler, advance: Callable[[int], None]) -> float:
    """The factor that brings a voice to `ACTIVE_LEVEL_DB`.

    Measured on eight streams of 2.5 s from keys that never change: it depends on the voice alone.

    Args:
      babbler: the voice.
      advance: counts samples; `reference_samples` says how many there are.

    Raises:
      BabbleError: the voice is silent, or gives values that are not finite.
    """
    keys = stream_keys(_REFERENCE_SEED, count=_REFERENCE_STREAMS)
    samples = round(_REFERENCE_SECONDS * babbler.sample_rate)
    streams = babbler.babble(keys, [samples] * _REFERENCE_STREAMS, advance)
    audio = np.concatenate([without_rumble(stream[:samples], babbler.sample_rate) for stream in streams])
    if not np.all(np.isfinite(audio)):
        raise BabbleError(
            f"The voice {babbler.name} gives values that are not finite; use an earlier checkpoint."
        )
    level = active_level(audio, babbler.sample_rate)
    if level < SILENT_DB:
        raise BabbleError(
            f"The voice {babbler.name} is silent (level {level:.0f} dBFS); "
            "train it longer or raise the temperature."
        )
    return float(10 ** ((ACTIVE_LEVEL_DB - level) / 20))


def reference_samples(rate: int) -> int:
    """Samples of babble that `reference_gain` asks for."""
    return _REFERENCE_STREAMS * round(_REFERENCE_SECONDS * rate)


def without_rumble(stream: np.ndarray, rate: int) -> np.ndarray:
    """`stream` [T] without what lies below 50 Hz (causal, second order), float32.

    A raw-waveform voice wanders around zero; that is inaudible, but a level would count it as sound.
    """
    if not len(stream):
        return stream
    sections = scipy.signal.butter(2, _HIGH_PASS_HZ, "highpass", fs=rate, output="sos")
    state = scipy.signal.sosfilt_zi(sections) * float(stream[0])  # a constant start makes no transient
    return scipy.signal.sosfilt(sections, stream.astype(np.float64), zi=state)[0].astype(np.float32)


def limit(audio: np.ndarray) -> np.ndarray:
    """`audio` with peaks bent smoothly below -1 dBFS: unchanged up to 0.5, then tanh towards 0.89.

    A fixed function of each sample, so that no sample's value depends on any other.
    """
    over = np.maximum(np.abs(audio) - _KNEE, 0)
    room = _CEILING - _KNEE
    return np.where(over > 0, np.sign(audio) * (_KNEE + room * np.tanh(over / room)), audio).astype(
        np.float32
    )
