"""Sung vowels: notes with vibrato and portamento, by a voice source and formants.

Axes: T samples, B blocks of 5 ms, K phrases.

Vibrato is that of opera singers: 6 Hz, 71 cents to each side in the mean (Prame 1994, JASA 96(4), 1979-1984, doi
10.1121/1.410141; Prame 1997, JASA 102(1), 616-621, doi 10.1121/1.419735). It sets in a while after the onset of each
voiced stretch. Pitch, vowel and level move from note to note without a break where both are voiced; what is not voiced
is breath through the same formants.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

from babble_jax.audio.units import HOP
from babble_jax.synthesis import formants, glottis, notes, waves
from babble_jax.synthesis.formants import BLOCK, VoiceType

LOUD_DB = -18.0
"""Level in dB of full scale of a note that is as loud as a speaker's loud runs."""
_LEVEL_SHARE = 0.5  # of a speaker's range of levels in dB that is sung: vowels alone vary less
_RANGE_DB = (-18.0, 3.0)  # around `LOUD_DB`
_BREATH_DB, _ASPIRATION_DB = -14.0, -38.0  # of breath below a note, and of breath within one
_PORTAMENTO, _VOWEL_GLIDE, _LEVEL_GLIDE = 0.09, 0.07, 0.05  # seconds from one note to the next
_VIBRATO_RISE = 0.25  # seconds from its onset to its extent
_FADE = 0.02  # seconds at both ends of a phrase
_PER_FRAME = round(HOP / BLOCK)
_PEAK = 0.95  # to which a recording is lowered that goes beyond


@dataclasses.dataclass(frozen=True)
class Singer:
    """A singer.

    Attributes:
      voice_type: whose formants it has.
      vowels: by acoustic unit, index into `formants.VOWELS`.
      vibrato_rate: Hz.
      vibrato_extent: cents to each side.
      vibrato_delay: seconds from the onset of voice to that of vibrato.
    """

    voice_type: VoiceType
    vowels: tuple[int, ...]
    vibrato_rate: float = 6.0
    vibrato_extent: float = 71.0
    vibrato_delay: float = 0.2


class Score(NamedTuple):
    """What is sung in each block of 5 ms.

    Attributes:
      f0: [B] Hz, with vibrato.
      steady_f0: [B] Hz, without.
      formants: [B, F, 2] frequency and bandwidth in Hz.
      voice: [B] RMS amplitude of the voice.
      breath: [B] RMS amplitude of breath.
      voice_type: of the singer.
    """

    f0: np.ndarray
    steady_f0: np.ndarray
    formants: np.ndarray
    voice: np.ndarray
    breath: np.ndarray
    voice_type: VoiceType


def write_score(
    phrases: list[list[notes.Note]], singer: Singer, melody: notes.Melody, loud_db: float, seconds: float
) -> Score:
    """Computes what is sung in each block.

    Args:
      phrases: [K] phrases of notes.
      singer: who sings.
      melody: the pitches that notes are mapped onto.
      loud_db: level in dB of full scale that becomes `LOUD_DB`.
      seconds: of all.
    """
    count = max(1, round(seconds / BLOCK))
    octave = np.full(count, np.nan)
    vowel = np.full(count, -1)
    voice, breath, fade = np.zeros(count), np.zeros(count), np.zeros(count)
    for phrase in phrases:
        for note in phrase:
            at = slice(note.onset * _PER_FRAME, note.end * _PER_FRAME)
            amplitude = _amplitude(note.rms_db - loud_db)
            if note.voiced:
                octave[at] = np.log2(melody.frequency(note.pitch))
                vowel[at] = singer.vowels[note.unit]
                voice[at] = amplitude
                breath[at] = amplitude * 10 ** (_ASPIRATION_DB / 20)
            elif not note.rest:
                breath[at] = amplitude * 10 ** (_BREATH_DB / 20)
        first, stop = phrase[0].onset * _PER_FRAME, min(phrase[-1].end * _PER_FRAME, count)
        edge = np.minimum(np.arange(1, stop - first + 1), np.arange(stop - first, 0, -1)) * (BLOCK / _FADE)
        fade[first:stop] = np.minimum(edge, 1)
    if not np.isfinite(octave).any():
        octave[:] = np.log2(melody.frequency(0.0))
    voiced = np.isfinite(octave) & (vowel >= 0)
    steady = _smooth(_hold(octave, np.isfinite(octave)), _PORTAMENTO)
    table = formants.vowel_formants(singer.voice_type)
    vowels = _hold(np.where(voiced, vowel, 0), voiced).astype(int)
    moving = np.stack(
        [_smooth(np.log2(table[vowels, f, x]), _VOWEL_GLIDE) for f in range(table.shape[1]) for x in (0, 1)],
        axis=-1,
    )
    shapes = np.exp2(moving).reshape(count, -1, 2)
    f0 = np.exp2(steady + vibrato_cents(voiced, singer) / 1200)
    return Score(
        f0=f0,
        steady_f0=np.exp2(steady),
        formants=formants.tune_first(shapes, np.exp2(steady)),
        voice=_smooth(voice, _LEVEL_GLIDE) * fade,
        breath=_smooth(breath, _LEVEL_GLIDE) * fade,
        voice_type=singer.voice_type,
    )


def vibrato_cents(voiced: np.ndarray, singer: Singer) -> np.ndarray:
    """Computes the vibrato of a singer, which begins anew with each voiced stretch.

    Args:
      voiced: [B] bool, whether there is voice in each block.
      singer: its rate, extent and delay.

    Returns:
      [B] float64 cents.
    """
    index = np.arange(len(voiced))
    onset = np.maximum.accumulate(np.where(voiced, -1, index))  # the last block without voice
    since = np.where(voiced, index - onset, 0) * BLOCK - singer.vibrato_delay
    depth = np.clip(since / _VIBRATO_RISE, 0, 1) * singer.vibrato_extent
    return depth * np.sin(2 * np.pi * singer.vibrato_rate * np.maximum(since, 0))


def render_score(score: Score, seconds: float, rate: int, draws: np.random.Generator) -> np.ndarray:
    """Makes the sound of a score.

    Args:
      score: what is sung.
      seconds: of all.
      rate: Hz.
      draws: of breath; consumed.

    Returns:
      [T] float32 within [-0.95, 0.95], T = seconds x rate, rounded.
    """
    samples = round(seconds * rate)
    high = samples * waves.OVERSAMPLING
    f0 = _upsample(score.f0, high, rate * waves.OVERSAMPLING)
    phases = waves.edge_phases(f0, rate * waves.OVERSAMPLING)
    pulses = waves.downsample(glottis.source(phases), rate)
    cascade = formants.vocal_cascade(score.formants, score.voice_type, rate)
    voice_gain, breath_gain = filter_gains(cascade, score.steady_f0, rate)
    open_share = glottis.flow(phases[:: waves.OVERSAMPLING][:samples])
    hiss = draws.standard_normal(samples)
    breathes = (
        _upsample(score.voice, samples, rate) > 0
    )  # breath within a note comes while the glottis is open
    hiss *= np.where(breathes, np.sqrt(open_share / np.mean(open_share)), 1.0)
    excitation = pulses * _upsample(score.voice, samples, rate)
    excitation += hiss * _upsample(score.breath * voice_gain / breath_gain, samples, rate)
    # The gain comes behind the resonators: what still rings in them as they change would be raised, too.
    audio = formants.resonate(excitation, cascade, rate) * _upsample(1 / voice_gain, samples, rate)
    return (audio * min(1.0, _PEAK / max(np.abs(audio).max(), 1e-9))).astype(np.float32)


def filter_gains(cascade: np.ndarray, f0: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Computes the RMS of voice and of breath behind the formants, for a source as it is and for white noise of RMS 1.

    Args:
      cascade: [B, F, 3] of the resonators.
      f0: [B] Hz.
      rate: Hz.

    Returns:
      (voice, breath): [B] float64 each.
    """
    harmonics = np.arange(1, int(rate / 2 / f0.min()) + 1)
    hz = f0[:, None] * harmonics
    power = formants.power_response(cascade, hz, rate) * glottis.harmonic_powers(len(harmonics))
    grid = np.broadcast_to((np.arange(128) + 0.5) * (rate / 256), (len(f0), 128))
    flat = formants.power_response(cascade, grid, rate).mean(axis=1)
    return np.sqrt(np.where(hz < rate / 2, power, 0).sum(axis=1)), np.sqrt(flat)


def _amplitude(level: float) -> float:
    """Returns the RMS amplitude of a note that is `level` dB above a speaker's loud runs."""
    return float(10 ** ((LOUD_DB + np.clip(_LEVEL_SHARE * level, *_RANGE_DB)) / 20))


def _hold(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Replaces what is not valid by the value before it, and by the first valid one before that; 0 where none is."""
    if not valid.any():
        return np.zeros(len(values))
    last = np.maximum.accumulate(np.where(valid, np.arange(len(values)), -1))
    return values[np.where(last < 0, np.argmax(valid), last)]


def _smooth(values: np.ndarray, seconds: float) -> np.ndarray:
    """Averages [B] under a Hann window of so many seconds: steps become glides of that length."""
    half = max(1, round(seconds / BLOCK / 2))
    window = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(np.pad(values, half, mode="edge"), window / window.sum(), mode="valid")


def _upsample(values: np.ndarray, samples: int, rate: int) -> np.ndarray:
    """Interpolates values of blocks to samples.

    Args:
      values: [B], each of the middle of its block.
      samples: T.
      rate: Hz.

    Returns:
      [T] float64.
    """
    return np.interp((np.arange(samples) + 0.5) / rate, (np.arange(len(values)) + 0.5) * BLOCK, values)
