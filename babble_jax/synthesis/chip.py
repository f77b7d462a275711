"""One 8-bit sound: a wave with an envelope, whose pitch and duty may move, as a pure function of its parameters.

Axes: T samples.

The families of parameters are those of sfxr (T. Pettersson 2007, http://www.drpetter.se/project_sfxr.html): envelope
with punch, slide, vibrato, arpeggio, duty sweep, retrigger. The waves are those of a console in place of sfxr's, the
units are physical ones, and the volume has 16 steps.
"""

import dataclasses
from typing import Literal

import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.synthesis import waves

Wave = Literal["pulse", "triangle", "noise", "short noise"]
LOUDEST = 15
"""Volume of the loudest sound: 4 bits."""
_FULL_SCALE = 0.8  # amplitude between high and low at the loudest, so that no overshoot of resampling clips
_LOWEST = 20.0  # Hz
_HIGHEST, _HIGHEST_NOISE = 0.45, 2.0  # shares of the rate, of a pitch and of the steps of noise
_DUTY = (0.05, 0.95)  # within which a duty moves


@dataclasses.dataclass(frozen=True)
class ChipSound:
    """The parameters of a sound.

    Attributes:
      wave: of 32 steps of 4 bits (triangle), or two values.
      frequency: Hz; of noise, of the steps of the shift register.
      volume: at its loudest, from 0 to 15, in steps of the amplitude.
      attack: seconds in which the volume rises.
      sustain: seconds in which it holds.
      decay: seconds in which it falls.
      punch: by which share of the volume that holds it is louder when that begins.
      duty: share of the period in which a pulse is high.
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
          BabbleError: the sound has no length, no frequency, or a duty or volume that there is not.
        """
        parts = (self.attack, self.sustain, self.decay, self.punch, self.retrigger)
        if min(parts) < 0 or not 0 < self.seconds < np.inf:
            raise BabbleError(
                "A chip sound has no length; give attack, sustain and decay of 0 s or more, not all 0."
            )
        if not 0 < self.frequency < np.inf or not self.arpeggio or self.arpeggio_step <= 0:
            raise BabbleError(
                f"frequency {self.frequency} Hz, arpeggio {self.arpeggio} of steps of {self.arpeggio_step} s: give a "
                "frequency and steps above 0, and one semitone or more."
            )
        if not (0 < self.duty < 1 and 0 <= self.volume <= LOUDEST):
            raise BabbleError(
                f"duty {self.duty}, volume {self.volume}: choose a duty between 0 and 1, and a volume from 0 to "
                f"{LOUDEST}."
            )

    @property
    def seconds(self) -> float:
        """Length."""
        return self.attack + self.sustain + self.decay


def render_sound(sound: ChipSound, rate: int, seed: int = 0) -> np.ndarray:
    """Makes a sound.

    Args:
      sound: its parameters.
      rate: Hz.
      seed: of the place at which noise begins.

    Returns:
      [T] float32 within (-1, 1), T = seconds x rate, rounded.
    """
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
