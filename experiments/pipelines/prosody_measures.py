"""Measures of how an utterance is spoken: pitch, level, tilt, rate, and the movement with which it ends.

Axes: T samples, F frames of 10 ms, M mel bands, N spectra.
"""

from collections.abc import Iterable

import numpy as np

from babble_jax.audio.level import active_level_db, rms_db
from babble_jax.audio.mel import mel_power
from babble_jax.audio.pitch import HOP, f0_contour
from babble_jax.ear.ear import Ear
from babble_jax.voice.conditioning.contour import HIGHEST_F0
from babble_jax.voice.conditioning.prosody_final import FINAL_SECONDS

OCTAVE = 12  # semitones
_SPEECH_DB = -45.0  # frames above it are speech
_TILT_HZ = (125.0, 4000.0)
_AUDIBLE_DB = 30.0  # below the active level
_LEAST_FRAMES = 9  # of a final movement
_BANDS, _WINDOW, _STEP = 20, 0.020, 0.005  # of the spectra whose change is measured; seconds
_BAND_HZ = (100.0, 7000.0)
_FLOOR_DB = -30.0  # of a band, below the power of loud frames
_LONGEST = 0.3  # seconds within which a spectrum is taken to change


def highest_pitch(sounds: Iterable[np.ndarray], rate: int) -> float:
    """Finds up to where the pitch of a speaker is to be sought: nobody speaks two octaves above the median.

    Beyond, the first formant of a vowel may be taken for pitch.

    Args:
      sounds: utterances of the speaker, [T] float32 each.
      rate: Hz.

    Returns:
      Hz, 800 at most.
    """
    contours = np.concatenate([f0_contour(one, rate) for one in sounds])
    voiced = contours[np.isfinite(contours)]
    return min(HIGHEST_F0, 4 * float(np.median(voiced))) if len(voiced) else HIGHEST_F0


def measure_sound(
    audio: np.ndarray, rate: int, median_f0: float, highest: float = HIGHEST_F0
) -> dict[str, float]:
    """Measures an utterance.

    Args:
      audio: [T] float32.
      rate: Hz.
      median_f0: Hz, of the speaker.
      highest: Hz up to which pitch is sought; 800, since a woman who is asked for more goes beyond 400.

    Returns:
      `pitch`, median semitones from that of the speaker; `spread`, half the distance in semitones between the 16th and
      the 84th percentile of pitch; `level`, dB of the active frames; `tilt`, dB per octave of the mean spectrum;
      `final`, semitones, see `final_movement`.
    """
    semitones = OCTAVE * np.log2(f0_contour(audio, rate, highest) / median_f0)
    voiced = semitones[np.isfinite(semitones)]
    low, middle, high = np.percentile(voiced, (15.9, 50, 84.1)) if len(voiced) else np.full(3, np.nan)
    active = active_level_db(audio, rate)
    audible = rms_db(audio, rate)[: len(semitones)] > active - _AUDIBLE_DB
    return {
        "pitch": float(middle),
        "spread": float(high - low) / 2,
        "level": active,
        "tilt": spectral_tilt(audio, rate),
        "final": final_movement(semitones[audible]),
    }


def final_movement(semitones: np.ndarray) -> float:
    """Measures the movement of pitch over the last 0.3 s of voiced frames, in semitones; NaN for too few of them.

    The slope is the median of those between all pairs of frames (Theil-Sen), since at the end of an utterance creak is
    heard an octave off.

    Args:
      semitones: [F] of the audible frames, NaN where one is unvoiced.
    """
    end = semitones[np.isfinite(semitones)][-round(FINAL_SECONDS / HOP) :]
    if len(end) < _LEAST_FRAMES:
        return np.nan
    first, second = np.triu_indices(len(end), 1)
    return float(np.median((end[second] - end[first]) / (second - first))) * len(end)


def change_rate(audio: np.ndarray, rate: int) -> float:
    """Measures how fast the spectrum changes, per second, which is in proportion to the tempo of speech.

    It is one over the time in which the correlation of the log-mel spectrum with itself, less the mean of each band,
    falls to 1/e. NaN where it does not within 0.3 s.

    Args:
      audio: [T] float32, without the silence around the utterance.
      rate: Hz.
    """
    power = mel_power(audio, rate, _BANDS, _WINDOW, _STEP, *_BAND_HZ).astype(np.float64)
    floor = 10 ** (_FLOOR_DB / 10) * np.percentile(power.sum(axis=0), 90) / _BANDS
    if not floor:
        return np.nan
    bands = np.log(power + floor)
    bands -= bands.mean(axis=1, keepdims=True)
    count = min(round(_LONGEST / _STEP), bands.shape[1])
    shifted = (bands[:, : bands.shape[1] - lag] * bands[:, lag:] for lag in range(count))
    correlation = np.array([product.mean() for product in shifted]) / np.square(bands).mean()
    below = np.flatnonzero(correlation < np.exp(-1))
    if not len(below):
        return np.nan
    lag = int(below[0])
    share = (correlation[lag - 1] - np.exp(-1)) / (correlation[lag - 1] - correlation[lag])
    return float(1 / ((lag - 1 + share) * _STEP))


def phone_rate(audio: np.ndarray, rate: int, ear: Ear) -> float:
    """Measures the phones that an ear hears per second of speech; NaN where it hears none.

    Args:
      audio: [T] float32.
      rate: Hz.
      ear: that has heard the speaker in its training; in another voice an ear misses most phones.
    """
    segments = ear.hear(audio, rate, beam=None)
    silence = None if ear.config.silence_id is None else ear.config.symbols[ear.config.silence_id]
    spoken = np.array([symbol != silence for symbol in segments.symbols], bool)
    seconds = float((np.asarray(segments.end) - np.asarray(segments.onset))[spoken].sum())
    return float(np.count_nonzero(spoken)) / seconds if seconds else np.nan


def spectral_tilt(audio: np.ndarray, rate: int) -> float:
    """Measures the slope of the mean power spectrum from 125 to 4000 Hz, in dB per octave.

    Args:
      audio: [T] float32.
      rate: Hz.
    """
    size = 2 * (rate // 50)
    count = len(audio) // size
    frames = audio[: count * size].reshape(count, size)
    level = rms_db(audio, rate)[:: round(size / rate / HOP)][:count]
    frames = frames[level > _SPEECH_DB] if (level > _SPEECH_DB).any() else frames
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1))).mean(axis=0)
    hz = np.arange(len(power)) * rate / size
    edges = _TILT_HZ[0] * 2 ** np.arange(0, np.log2(_TILT_HZ[1] / _TILT_HZ[0]) + 0.1)
    bands = [power[(hz >= low) & (hz < 2 * low)].mean() for low in edges[:-1]]
    return float(np.polyfit(np.arange(len(bands)), 10 * np.log10(bands), 1)[0])


def distinct_pairs(units: np.ndarray) -> float:
    """Returns the number of different pairs of consecutive units over that of all pairs, for units [F]."""
    runs = units[np.concatenate([[True], units[1:] != units[:-1]])]
    pairs = list(zip(runs[:-1].tolist(), runs[1:].tolist(), strict=True))
    return len(set(pairs)) / max(len(pairs), 1)
