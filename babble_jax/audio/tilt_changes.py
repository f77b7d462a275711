"""Tilt and level of streams that are changed while they sound: each setting fades into the next within 20 ms.

Axes: B streams, T samples.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from babble_jax.audio.filters import BandpassStates
from babble_jax.audio.tilt import Tilt

FADE = 0.02
"""Seconds in which a setting fades into the next: a filter that begins within a sound has settled by then."""
_MOST_DESIGNS = 64


class TiltSetting(NamedTuple):
    """A setting, and the state of its filter: a value.

    Attributes:
      slope: dB per octave, see `Tilt`.
      level: dB, see `Tilt`. Where both are 0, the sound stays as it is, to the bit.
      states: of the filter, see `Tilt`.
      age: samples since it was set; infinite for that of the start.
    """

    slope: float = 0.0
    level: float = 0.0
    states: BandpassStates = ()
    age: float = math.inf


TiltSettings = tuple[TiltSetting, ...]
"""Settings that are heard, the latest one last; the others fade."""


def change_tilt(settings: TiltSettings, slope: float, level: float) -> TiltSettings:
    """Returns the settings with another one from the next sample on.

    Args:
      settings: so far.
      slope: dB per octave.
      level: dB.
    """
    if (settings[-1].slope, settings[-1].level) == (slope, level):
        return settings
    return (*settings, TiltSetting(slope, level, age=0))


def tilt_block(audio: np.ndarray, settings: TiltSettings, rate: int) -> tuple[np.ndarray, TiltSettings]:
    """Filters the next block; the sizes of blocks change nothing.

    Args:
      audio: [B, T] float32.
      settings: after the blocks before.
      rate: Hz.

    Returns:
      The block, [B, T] float32, and the settings after it.
    """
    fade, sound, after = max(1, round(FADE * rate)), audio, []
    for setting in settings:
        own, states = audio, setting.states
        if setting.slope or setting.level:
            own, states = _design(setting.slope, setting.level, rate)(audio, setting.states)
        if setting.age < fade:
            share = np.minimum((setting.age + np.arange(1, audio.shape[1] + 1)) / fade, 1)
            weight = np.square(np.sin(share * (np.pi / 2))).astype(np.float32)
            own = np.where(share < 1, sound + weight * (own - sound), own)
        sound = own
        after.append(setting._replace(states=states, age=setting.age + audio.shape[1]))
    while len(after) > 1 and after[1].age >= fade:  # what has faded is heard no more
        after.pop(0)
    return sound, tuple(after)


@functools.lru_cache(_MOST_DESIGNS)
def _design(slope: float, level: float, rate: int) -> Tilt:
    return Tilt(slope, rate, level)
