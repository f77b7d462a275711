"""The categories of 8-bit sounds: parameters drawn at random, in the manner of one of them.

The categories are those of sfxr (T. Pettersson 2007); the ranges are this project's own, in physical units.
"""

import dataclasses
from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.synthesis import waves
from babble_jax.synthesis.chip import ChipSound

Category = Literal["pickup", "laser", "explosion", "power-up", "hit", "jump", "blip"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
NOISY: tuple[Category, ...] = ("explosion", "hit")
"""Categories of noise."""
MOST_SLIDE = 0.25
"""Octaves by which a sound may slide away from its note, up or down."""


def draw_sound(category: Category, draws: np.random.Generator) -> ChipSound:
    """Draws a sound of a category.

    Args:
      category: one of `CATEGORIES`.
      draws: consumed.

    Raises:
      BabbleError: there is no such category.
    """
    if category not in _DRAW:
        raise BabbleError(f"{category}: there is no such category; choose from {', '.join(CATEGORIES)}.")
    return _DRAW[category](draws)


def fit_sound(sound: ChipSound, frequency: float, seconds: float, volume: int) -> ChipSound:
    """Fits a sound to a note: envelope, retrigger and arpeggio keep their shares of its length.

    Args:
      sound: to fit.
      frequency: Hz, of its onset.
      seconds: length of the note.
      volume: from 0 to 15.

    Returns:
      The sound; its slide is weakened where it would lead further than `MOST_SLIDE` away.
    """
    factor = seconds / sound.seconds
    span = min(seconds, sound.retrigger * factor or seconds)
    times = np.array([span / 2, span])
    furthest = np.abs(sound.slide * times + sound.slide_change * np.square(times) / 2).max()
    weaker = min(1.0, MOST_SLIDE / max(furthest, 1e-9))
    return dataclasses.replace(
        sound,
        frequency=frequency,
        volume=volume,
        attack=sound.attack * factor,
        sustain=sound.sustain * factor,
        decay=sound.decay * factor,
        slide=sound.slide * weaker,
        slide_change=sound.slide_change * weaker,
        arpeggio_step=sound.arpeggio_step * factor,
        retrigger=sound.retrigger * factor,
    )


def _pickup(draws: np.random.Generator) -> ChipSound:
    """A tone, and after a moment a higher one."""
    return ChipSound(
        "pulse",
        frequency=_log_uniform(draws, 300, 1200),
        sustain=draws.uniform(0.03, 0.1),
        decay=draws.uniform(0.1, 0.4),
        punch=draws.uniform(0.3, 0.6),
        duty=_draw_duty(draws),
        arpeggio=(0.0, float(draws.choice([4, 5, 7, 12]))),
        arpeggio_step=draws.uniform(0.05, 0.1),
    )


def _laser(draws: np.random.Generator) -> ChipSound:
    """A tone that falls fast, often through the sweep of its duty."""
    return ChipSound(
        _draw_wave(draws),
        frequency=_log_uniform(draws, 500, 2000),
        sustain=draws.uniform(0.1, 0.3),
        decay=draws.uniform(0.05, 0.2),
        punch=draws.uniform(0, 0.3) * draws.integers(2),
        duty=_draw_duty(draws),
        duty_sweep=draws.uniform(-0.5, 0.5),
        slide=-draws.uniform(2, 8),
    )


def _explosion(draws: np.random.Generator) -> ChipSound:
    """Noise with a punch and a long decay, which slides, or trembles."""
    trembles = draws.random() < 0.5
    return ChipSound(
        "noise",
        frequency=_log_uniform(draws, 1500, 12_000),
        sustain=draws.uniform(0.1, 0.3),
        decay=draws.uniform(0.1, 0.5),
        punch=draws.uniform(0.2, 0.8),
        slide=draws.uniform(-2, 1),
        vibrato_depth=draws.uniform(1, 6) * trembles,
        vibrato_rate=draws.uniform(8, 20),
        retrigger=draws.uniform(0.1, 0.3) * draws.integers(2),
    )


def _power_up(draws: np.random.Generator) -> ChipSound:
    """A tone that rises, again and again or with vibrato."""
    repeats = draws.random() < 0.5
    return ChipSound(
        "pulse",
        frequency=_log_uniform(draws, 200, 700),
        sustain=draws.uniform(0.1, 0.4),
        decay=draws.uniform(0.1, 0.4),
        duty=_draw_duty(draws),
        slide=draws.uniform(1, 4),
        retrigger=draws.uniform(0.06, 0.15) * repeats,
        vibrato_depth=draws.uniform(0.3, 1) * (not repeats),
        vibrato_rate=draws.uniform(6, 16),
    )


def _hit(draws: np.random.Generator) -> ChipSound:
    """A short burst of noise that falls."""
    return ChipSound(
        "short noise" if draws.random() < 0.35 else "noise",
        frequency=_log_uniform(draws, 4000, 14_000),
        sustain=draws.uniform(0.0, 0.1),
        decay=draws.uniform(0.1, 0.3),
        slide=-draws.uniform(2, 6),
    )


def _jump(draws: np.random.Generator) -> ChipSound:
    """A tone that rises once, faster and faster or ever slower."""
    rise = draws.uniform(1, 4)
    return ChipSound(
        "pulse",
        frequency=_log_uniform(draws, 200, 800),
        sustain=draws.uniform(0.1, 0.3),
        decay=draws.uniform(0.1, 0.3),
        duty=_draw_duty(draws),
        slide=rise,
        slide_change=rise * draws.uniform(-3, 3),
    )


def _blip(draws: np.random.Generator) -> ChipSound:
    """A plain tone that ends at once, sometimes with vibrato or as a chord, one note after another."""
    kind = draws.integers(4)
    chord = (0.0, 4.0, 7.0) if draws.random() < 0.5 else (0.0, 3.0, 7.0)
    return ChipSound(
        _draw_wave(draws),
        frequency=_log_uniform(draws, 150, 1000),
        sustain=draws.uniform(0.1, 0.2),
        decay=draws.uniform(0.0, 0.05),
        duty=_draw_duty(draws),
        vibrato_depth=draws.uniform(0.2, 0.7) * (kind == 0),
        vibrato_rate=draws.uniform(5, 9),
        arpeggio=chord if kind == 1 else (0.0,),
        arpeggio_step=0.02,
        retrigger=0.06 if kind == 1 else 0.0,
    )


_DRAW: dict[Category, Callable[[np.random.Generator], ChipSound]] = {
    "pickup": _pickup,
    "laser": _laser,
    "explosion": _explosion,
    "power-up": _power_up,
    "hit": _hit,
    "jump": _jump,
    "blip": _blip,
}


def _log_uniform(draws: np.random.Generator, low: float, high: float) -> float:
    """Draws a frequency between two, each octave as likely as the next."""
    return float(np.exp(draws.uniform(np.log(low), np.log(high))))


def _draw_duty(draws: np.random.Generator) -> float:
    return float(draws.choice(waves.DUTIES))


def _draw_wave(draws: np.random.Generator) -> Literal["pulse", "triangle"]:
    return "triangle" if draws.random() < 0.3 else "pulse"
