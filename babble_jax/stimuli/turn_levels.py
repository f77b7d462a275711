"""Degrades a turn, and brings it to the level that is asked for: once, so that it is the same in every condition.

Axes: T samples.
"""

import numpy as np

from babble_jax.audio.degrade import BANDS, CUTOFF_HZ, low_pass, noise_vocode, reverse, spectrally_rotate
from babble_jax.audio.level import active_level_db
from babble_jax.audio.lufs import loudness_lufs
from babble_jax.errors import BabbleError
from babble_jax.stimuli.spec.levels import Degradation
from babble_jax.stimuli.spec.output import TurnLevel

HIGHEST_PEAK = 0.99
_FADE_SECONDS = 0.005


def degrade_turn(audio: np.ndarray, rate: int, degradation: Degradation | None) -> np.ndarray:
    """Degrades a turn and fades its edges again, which filters may have made steep.

    Args:
      audio: [T] float32.
      rate: Hz.
      degradation: None for none.

    Returns:
      [T] float32.

    Raises:
      BabbleError: the sample rate is too low for it.
    """
    if degradation is None:
        return audio
    if degradation.kind == "low-pass":
        audio = low_pass(audio, rate, degradation.cutoff or CUTOFF_HZ)
    elif degradation.kind == "noise-vocoded":
        audio = noise_vocode(audio, rate, degradation.bands or BANDS)
    elif degradation.kind == "rotated":
        audio = spectrally_rotate(audio, rate)
    else:
        return reverse(audio)
    size = min(round(_FADE_SECONDS * rate), len(audio) // 2)
    rising = np.sin(np.pi / 2 * (np.arange(size) + 1) / (size + 1)).astype(np.float32) ** 2
    audio = audio.copy()
    audio[:size] *= rising
    audio[len(audio) - size :] *= rising[::-1]
    return audio


def level_turn(audio: np.ndarray, rate: int, level: TurnLevel | None, name: str) -> np.ndarray:
    """Brings a turn to a level.

    Args:
      audio: [T] float32.
      rate: Hz.
      level: None for the one that it has.
      name: of the turn, for messages.

    Returns:
      [T] float32.

    Raises:
      BabbleError: it is silent, or its peaks would exceed full scale.
    """
    gain_db = 0.0
    if level is not None and level.active is not None:
        gain_db = level.active - active_level_db(audio, rate)
    elif level is not None and level.lufs is not None:
        gain_db = level.lufs - loudness_lufs(audio, rate)
    if not np.isfinite(gain_db):
        raise BabbleError(f"{name}: is silent, so that it has no level; leave it out.")
    if gain_db:
        audio = (audio * np.float32(10 ** (gain_db / 20))).astype(np.float32)
    peak = float(np.max(np.abs(audio), initial=0.0))
    if peak > HIGHEST_PEAK:
        raise BabbleError(
            f"{name}: exceeds full scale by {20 * np.log10(peak / HIGHEST_PEAK):.1f} dB at its level; ask for a lower "
            "one, level = { active = -30.0 } in [output], say."
        )
    return audio
