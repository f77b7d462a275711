"""One 8-bit sound: a wave with an envelope, whose pitch and duty may move, as a pure function of its parameters.

Axes: T samples.

The families of parameters are those of sfxr (T. Pettersson 2007, http://www.drpetter.se/project_sfxr.html): envelope
with punch, slide, vibrato, arpeggio, duty sweep, retrigger. The waves are those of a console in place of sfxr's, the
units are physical ones, and the volume has 16 steps.
"""

import dataclasses
import numbers
from typing import Literal, get_args

import numpy as np

from babble_jax.arguments import check_arguments, check_types
from babble_jax.errors import BabbleError
from babble_jax.synthesis import waves
from babble_jax.synthesis.kinds import check_seeds

Wave = Literal["pulse", "triangle", "noise", "short noise"]
LOUDEST = 15
"""Volume of the loudest sound: 4 bits."""
_FULL_SCALE = 0.8  # amplitude between high and low at the loudest, so that no overshoot of resampling clips
_LOWEST = 20.0  # Hz
_HIGHEST, _HIGHEST_NOISE = 0.45, 2.0  # shares of the rate, of a pitch and of the steps of noise
_DUTY = (0.05, 0.95)  # within which a duty moves
_MOST_OCTAVES = 40.0  # that a frequency may move: more than between the lowest and the highest one
_MOST_SEMITONES = 120.0  # of an arpeggio, to each side
_RANGES: dict[str, tuple[float, float, str]] = {
    "frequency": (_LOWEST, 400_000.0, " Hz"),
    "volume": (0, LOUDEST, ""),
    "attack": (0, 60, " s"),
    "sustain": (0, 60, " s"),
    "decay": (0, 60, " s"),
    "punch": (0, 1, ""),
    "duty": (*_DUTY, ""),
    "duty_sweep": (-100, 100, " in a second"),
    "slide": (-100, 100, " octaves in a second"),
    "slide_change": (-1000, 1000, " octaves in a second squared"),
    "vibrato_rate": (0, 100, " Hz"),
    "vibrato_depth": (0, 48, " semitones"),
    "arpeggio_step": (1e-4, 60, " s"),
    "retrigger": (0, 60, " s"),
}
"""Lowest and highest value of each parameter that is a number, and its unit."""


@dataclasses.dataclass(frozen=True)
class ChipSound:
    """The parameters of a sound.

    Attributes:
      wave: of 32 steps of 4 bits (triangle), or two values.
      frequency: Hz, 20 or more; of noise, of the steps of the shift register.
      volume: at its loudest, from 0 to 15, in steps of the amplitude.
      attack: seconds in which the volume rises.
      sustain: seconds in which it holds.
      decay: seconds in which it falls.
      punch: by which share of the volume that holds it is louder when that begins, from 0 to 1.
      duty: share of the period in which a pulse is high, from 0.05 to 0.95, within which it moves, too.
      duty_sweep: change of that in a second.
      slide: octaves in a second.
      slide_change: change of that, octaves in a second squared.
      vibrato_rate: Hz.
      vibrato_depth: semitones to each side.
      arpeggio: semitones above the frequency, one after another.
      arpeggio_step: seconds of each of them; the last one holds.
      retrigger: seconds after which slide, duty and arpeggio begin anew; 0 for never.
    """

    wave: Wave
    frequency: float
    volume: int = LOUDEST
    attack: float = 0.0
    sustain: float = 0.1
    decay: float = 0.0
    punch: float = 0.0
    duty: float = 0.5
    duty_sweep: float = 0.0
    slide: float = 0.0
    slide_change: float = 0.0
    vibrato_rate: float = 6.0
    vibrato_depth: float = 0.0
    arpeggio: tuple[float, ...] = (0.0,)
    arpeggio_step: float = 0.05
    retrigger: float = 0.0

    def __post_init__(self):
        """Checks the parameters.

        Raises:
          BabbleError: there is no such wave, a value is out of its range, or the sound has no length.
        """
        check_types(ChipSound, vars(self))
        if self.wave not in get_args(Wave):
            raise BabbleError(
                f"wave of a chip sound is {self.wave!r}; choose from {', '.join(get_args(Wave))}."
            )
        for name, (low, high, unit) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BabbleError(
                    f"{name} of a chip sound is {value:g}{unit}; choose from {low:g} to {high:g}{unit}."
                )
        steps = self.arpeggio
        if not isinstance(steps, tuple) or not steps or not all(map(_is_step, steps)):
            raise BabbleError(
                f"arpeggio of a chip sound is {steps!r}; give a tuple of one or more semitones from "
                f"{-_MOST_SEMITONES:g} to {_MOST_SEMITONES:g}."
            )
        if not self.seconds:
            raise BabbleError("A chip sound has no length; give attack, sustain and decay in s, not all 0.")

    @property
    def seconds(self) -> float:
        """Length."""
        return self.attack + self.sustain + self.decay


def _is_step(value: object) -> bool:
    """Tells whether a value can be a step of an arpeggio."""
    return isinstance(value, numbers.Real) and abs(float(value)) <= _MOST_SEMITONES


@check_arguments
def render_sound(sound: ChipSound, rate: int, seed: int = 0) -> np.ndarray:
    """Makes a sound.

    Args:
      sound: its parameters.
      rate: Hz.
      seed: of the place at which noise begins.

    Returns:
      [T] float32 within (-1, 1), T = seconds x rate, rounded.

    Raises:
      BabbleError: the rate is none of `waves.RATES`, or the seed is none.
    """
    waves.check_rate(rate)
    check_seeds(seed)
    samples = round(sound.seconds * rate)
    wave = oversampled_sound(sound, samples * waves.OVERSAMPLING, rate, np.random.default_rng(seed))
    return waves.downsample(wave, rate)


def oversampled_sound(sound: ChipSound, samples: int, rate: int, draws: np.random.Generator) -> np.ndarray:
    """Makes a sound at `waves.OVERSAMPLING` times the rate, to be joined with others and resampled by
    `waves.downsample`.

    Args:
      sound: its parameters.
      samples: T, of the oversampled sound; beyond its own length it is silent.
      rate: Hz, of the sound after resampling.
      draws: of the place at which noise begins; consumed.

    Returns:
      [T] float64.
    """
    high = rate * waves.OVERSAMPLING
    time = (np.arange(samples) + 0.5) / high
    since = np.mod(time, sound.retrigger) if sound.retrigger else time
    phases = waves.edge_phases(frequency_contour(sound, time, since, rate), high)
    if sound.wave == "pulse":
        wave = waves.pulse(phases, np.clip(sound.duty + sound.duty_sweep * since, *_DUTY))
    elif sound.wave == "triangle":
        wave = waves.triangle(phases)
    else:
        short = sound.wave == "short noise"
        wave = waves.noise(phases + draws.integers(len(waves.register_bits(short))), short)
    return wave * volume_contour(sound, time) * (_FULL_SCALE / LOUDEST)


def frequency_contour(sound: ChipSound, time: np.ndarray, since: np.ndarray, rate: int) -> np.ndarray:
    """Computes the frequency of a sound.

    Args:
      sound: its parameters.
      time: [T] seconds from its onset.
      since: [T] seconds from the last retrigger.
      rate: Hz; a pitch stays below 0.45 of it, the steps of noise below 2 of it.

    Returns:
      [T] float64 Hz.
    """
    step = np.minimum((since / sound.arpeggio_step).astype(np.int64), len(sound.arpeggio) - 1)
    semitones = np.asarray(sound.arpeggio, np.float64)[step]
    if sound.vibrato_depth:
        semitones = semitones + sound.vibrato_depth * np.sin(2 * np.pi * sound.vibrato_rate * time)
    octaves = semitones / 12 + sound.slide * since + sound.slide_change * np.square(since) / 2
    highest = _HIGHEST if sound.wave in ("pulse", "triangle") else _HIGHEST_NOISE
    octaves = np.clip(octaves, -_MOST_OCTAVES, _MOST_OCTAVES)  # 2 to the power of a long slide overflows
    return np.clip(sound.frequency * np.exp2(octaves), _LOWEST, highest * rate)


def volume_contour(sound: ChipSound, time: np.ndarray) -> np.ndarray:
    """Computes the volume of a sound in whole steps: attack, sustain with punch, decay.

    Args:
      sound: its parameters.
      time: [T] seconds from its onset.

    Returns:
      [T] float64, whole numbers from 0 to 15.
    """
    holds, falls = sound.attack, sound.attack + sound.sustain
    knots = [
        (0.0, 0.0 if sound.attack else 1 + sound.punch),
        (holds, 1 + sound.punch if sound.sustain else 1.0),
        (falls, 1.0),
        (falls + sound.decay, 0.0),
    ]
    at, values = np.array(knots).T
    envelope = np.interp(time, at, values) * (time < sound.seconds)
    return np.rint(envelope * sound.volume / max(1 + sound.punch, 1.0))
