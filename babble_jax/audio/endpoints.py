"""Finds where the speech of one recording begins and ends, to the sample, and says where that is doubtful.

The detector of speech (`vad`) finds the stretches, to some 30 ms: clicks, knocks and most breaths are none. From there
each edge is followed outwards in steps of 1 ms for as long as the level stays above the noise, across gaps as short as
the closure of a plosive. A recording that holds no speech for the detector (beeps, say) is taken by its level alone.

Axes: T samples, F frames of 10 ms, one every 1 ms, N stretches of speech.
"""

import dataclasses
import math

import numpy as np
import scipy.signal

from babble_jax.audio.activity import detect_by_energy
from babble_jax.audio.level import active_power
from babble_jax.audio.resampling import resample
from babble_jax.audio.vad import RATE as DETECTOR_RATE
from babble_jax.audio.vad import detect_segments, speech_probability
from babble_jax.errors import BabbleError

LONG_PAUSE = 0.6
"""Seconds: a silence inside as long as that is named in a warning."""
MARGIN = 0.02
"""Seconds of silence that a recording should have before and after its speech."""
LEAST_SNR_DB = 25.0

_HOP, _WINDOW = 0.001, 0.010  # seconds
_RUMBLE_HZ = 60.0
_BELOW_ACTIVE_DB, _STRONG_DB = 36.0, 18.0
_ABOVE_NOISE_DB = 8.0
_AROUND = 0.2  # seconds around speech that are not taken for noise
_INWARDS = 0.4  # seconds from an edge of the detector in which strong sound is looked for
_OUTWARDS = (
    0.15,
    0.25,
)  # seconds that speech may go on before its first and after its last edge of the detector
_CLOSURE = 0.125  # seconds of silence, at most, between speech and more of it
_CLICK = 0.025  # seconds: shorter sounds are clicks ...
_CLICK_GAP = (
    0.03,
    0.09,
)  # ... unless they follow so soon; after the last edge it is the release of a plosive
_FINE = 0.002  # seconds: the window in which the first sample is looked for
_TOO_LITTLE_DB = 45.0  # below speech is the noise, at most, where there is too little silence to measure it
_CLIPPED, _CLIPPED_RUN = 0.985, 4  # of full scale or the peak; samples in a row
_OTHER_BELOW_ACTIVE_DB = 30.0  # quieter sounds away from speech are not named
_TAIL_DB = 20.0  # below its loudest 10 ms such a sound begins and ends
_ONE_SOUND = 0.1  # seconds: sounds closer together are named as one


@dataclasses.dataclass(frozen=True)
class OtherSound:
    """A sound before or after the speech of a recording that was not taken for part of it.

    Attributes:
      onset: seconds in the recording.
      seconds: its length, to some milliseconds.
      level_db: level of its loudest 10 ms, relative to the active frames of the speech.
    """

    onset: float
    seconds: float
    level_db: float

    @property
    def is_click(self) -> bool:
        """True where it is too short for a sound of speech."""
        return self.seconds < _CLICK


@dataclasses.dataclass(frozen=True)
class SpeechBounds:
    """The speech of one recording.

    Attributes:
      onset: seconds of its first sample.
      end: seconds, one sample after its last.
      warnings: what is doubtful, each the end of a sentence that begins with the file.
      other_sounds: clicks, knocks and breaths before the onset and after the end, in order.
    """

    onset: float
    end: float
    warnings: tuple[str, ...]
    other_sounds: tuple[OtherSound, ...] = ()


def find_speech_bounds(audio: np.ndarray, rate: int) -> SpeechBounds:
    """Finds onset and end of the speech of a recording.

    Args:
      audio: [T] float, full scale 1.
      rate: Hz.

    Returns:
      The bounds in seconds, multiples of 1 / `rate`, and warnings: no silence around, clipping, noise, a long pause
      inside, an edge that could not be told from the sound before or after it.

    Raises:
      BabbleError: it holds no sound.
    """
    audio = np.asarray(audio, np.float64)
    if len(audio) < _WINDOW * rate or not np.ptp(audio):
        raise BabbleError("holds no sound; record it again, or leave it out.")
    filtered = _remove_rumble(audio, rate)
    power = _frame_power(filtered, rate)
    onsets, ends, warnings = _detect(audio, rate)
    noise, active = _measure_levels(power, onsets, ends)
    weak = max(active * 10 ** (-_BELOW_ACTIVE_DB / 10), noise * 10 ** (_ABOVE_NOISE_DB / 10))
    strong = max(active * 10 ** (-_STRONG_DB / 10), weak)
    # The end is the onset of the reversed recording.
    seconds = len(audio) / rate
    onset, noisy_before = _follow(filtered, power, rate, onsets[0], (weak, strong), 0)
    until_end, noisy_after = _follow(filtered[::-1], power[::-1], rate, seconds - ends[-1], (weak, strong), 1)
    end = len(audio) - until_end
    warnings += _describe_clipping(audio)
    if onset < MARGIN * rate:
        warnings.append("begins at once, without silence before the speech: its beginning may be cut off")
    elif noisy_before:
        warnings.append(
            f"holds other sound before the speech (a breath, noise?); the onset, {onset / rate:.3f} s, is a guess"
        )
    if len(audio) - end < MARGIN * rate:
        warnings.append("ends at once, without silence after the speech: its end may be cut off")
    elif noisy_after:
        warnings.append(
            f"holds other sound after the speech (a breath, noise?); the end, {end / rate:.3f} s, is a guess"
        )
    if noise * 10 ** (LEAST_SNR_DB / 10) > active:
        warnings.append(
            f"is noisy: the noise is {10 * np.log10(active / noise):.0f} dB below the speech, and soft beginnings and "
            "ends are lost in it"
        )
    pauses = onsets[1:] - ends[:-1]
    warnings += [
        f"holds a pause of {pauses[i]:.2f} s at {ends[i]:.2f} s; all from {onset / rate:.3f} to {end / rate:.3f} s is "
        "taken for one turn"
        for i in np.flatnonzero(pauses >= LONG_PAUSE)
    ]
    audible = max(active * 10 ** (-_OTHER_BELOW_ACTIVE_DB / 10), noise * 10 ** (_ABOVE_NOISE_DB / 10))
    others = _find_other_sounds(power, onset / rate, end / rate, audible, active)
    return SpeechBounds(onset / rate, end / rate, tuple(warnings), others)


def _detect(audio: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Finds the stretches of speech, [N] seconds each, and warnings; by level where the detector hears none."""
    onsets, ends = detect_segments(
        speech_probability(resample(audio.astype(np.float32), rate, DETECTOR_RATE))
    )
    if len(onsets):
        return onsets, np.minimum(ends, len(audio) / rate), []
    intervals = detect_by_energy(audio, rate)
    if not len(intervals):
        intervals = np.array([[0.0, len(audio) / rate]])
    warning = (
        "holds nothing that the detector of speech takes for speech; onset and end are those of its level"
    )
    return intervals[:, 0], intervals[:, 1], [warning]


def _measure_levels(power: np.ndarray, onsets: np.ndarray, ends: np.ndarray) -> tuple[float, float]:
    """Measures the power of the noise, in the median away from speech, and that of the active frames of speech."""
    time = (np.arange(len(power)) + 0.5) * _HOP
    near, inside = np.zeros(len(power), bool), np.zeros(len(power), bool)
    for onset, end in zip(onsets, ends, strict=True):
        near |= (time > onset - _AROUND) & (time < end + _AROUND)
        inside |= (time > onset) & (time < end)
    active = active_power(power[inside]) or active_power(power)
    # Where there is too little of it, the quietest part of the recording.
    if np.count_nonzero(~near) * _HOP > 0.05:
        noise = np.median(power[~near])
    else:
        noise = min(np.quantile(power, 0.02), active * 10 ** (-_TOO_LITTLE_DB / 10))
    return float(max(noise, 1e-12 * active)), active


def _follow(
    audio: np.ndarray,
    power: np.ndarray,
    rate: int,
    edge: float,
    thresholds: tuple[float, float],
    direction: int,
) -> tuple[int, bool]:
    """Follows the speech from an edge of the detector back to its first sample.

    Args:
      audio: [T] without rumble; reversed where the end is looked for.
      power: [F], likewise.
      rate: Hz.
      edge: seconds, of the detector.
      thresholds: the power that belongs to speech where it goes on, and the power that is surely speech.
      direction: 0 for the onset, 1 for the end.

    Returns:
      (sample, doubtful): doubtful where the sound before goes on for longer than speech is missed by the detector.
    """
    weak, strong = thresholds
    first = min(max(round(edge / _HOP), 0), len(power) - 1)
    ahead = np.flatnonzero(power[first : first + round(_INWARDS / _HOP)] >= strong)
    start = first + (int(ahead[0]) if len(ahead) else 0)
    reach = round(_OUTWARDS[direction] / _HOP)
    lowest = max(0, first - reach)
    frame = _walk(power, start, lowest, weak, _CLICK_GAP[direction])
    doubtful = frame == lowest and lowest > 0
    if doubtful:
        # Sound goes on beyond what the detector may miss: what is as loud as speech counts, and its soft beginning.
        start = _walk(power, start, 0, strong, _CLICK_GAP[0])
        lowest = max(0, start - reach)
        frame = _walk(power, start, lowest, weak, _CLICK_GAP[direction])
        doubtful = frame == lowest and lowest > 0
        if doubtful:
            frame, weak = start, strong
    # The frame's window reaches over samples before the sound; a shorter one finds where it begins.
    half = round(_WINDOW / 2 * rate)
    begin = max(0, round(frame * _HOP * rate) - half)
    return begin + _first_above(audio[begin : begin + 3 * half], round(_FINE * rate), weak), doubtful


def _walk(power: np.ndarray, start: int, lowest: int, threshold: float, click_gap: float) -> int:
    """Goes back from frame `start` over runs of frames above a threshold, and returns the first frame that is speech.

    Args:
      power: [F].
      start: where speech is certain.
      lowest: frame at which to stop.
      threshold: power.
      click_gap: seconds; a run as short as a click belongs to what follows it no later.
    """
    above = np.concatenate([[False], power[lowest : start + 1] >= threshold, [False]])
    runs = np.flatnonzero(np.diff(above)).reshape(-1, 2) + lowest
    first = start
    for onset, end in runs[::-1].tolist():
        gap = (first - end) * _HOP
        if gap > (click_gap if (end - onset) * _HOP < _CLICK else _CLOSURE):
            break
        first = onset
    return first


def _find_other_sounds(
    power: np.ndarray, onset: float, end: float, threshold: float, active: float
) -> tuple[OtherSound, ...]:
    """Finds the sounds away from the speech.

    Args:
      power: [F].
      onset: seconds, of the speech.
      end: likewise.
      threshold: power of the sounds.
      active: power of the speech.
    """
    half = round(_WINDOW / 2 / _HOP)  # frames that reach beyond a sound at either edge
    speech = (round(onset / _HOP) - half, round(end / _HOP) + half)
    above = np.concatenate([[False], power >= threshold, [False]])
    sounds: list[tuple[int, int]] = []
    for first, last in np.flatnonzero(np.diff(above)).reshape(-1, 2).tolist():
        if last >= speech[0] and first <= speech[1]:
            continue  # the speech itself, or sound that goes on at its edge, of which there is a warning
        if sounds and first - sounds[-1][1] < _ONE_SOUND / _HOP and not sounds[-1][1] < speech[0] < first:
            sounds[-1] = (sounds[-1][0], last)
        else:
            sounds.append((first, last))
    others = []
    for first, last in sounds:
        peak = float(np.max(power[first:last]))
        # Without the tail of the high-pass filter.
        loud = first + np.flatnonzero(power[first:last] >= peak * 10 ** (-_TAIL_DB / 10))
        seconds = max(int(loud[-1] + 1 - loud[0]) - 2 * half, 1) * _HOP
        others.append(OtherSound(int(loud[0] + half) * _HOP, seconds, 10 * math.log10(peak / active)))
    return tuple(others)


def _first_above(audio: np.ndarray, window: int, threshold: float) -> int:
    """Finds the sample, of [T], with which the mean square of the window before it reaches a threshold."""
    energy = np.concatenate([[0.0], np.cumsum(np.square(audio))])
    loud = (energy[window:] - energy[:-window]) / window >= threshold
    first = int(np.argmax(loud))
    return first + window - 1 if first else 0


def _frame_power(audio: np.ndarray, rate: int) -> np.ndarray:
    """Computes the mean square of 10 ms around each millisecond, [F]; there are zeros around the recording."""
    energy = np.concatenate([[0.0], np.cumsum(np.square(audio))])
    middle = np.rint(np.arange(int(len(audio) / rate / _HOP) + 1) * _HOP * rate).astype(int)
    half = round(_WINDOW * rate / 2)
    return (
        energy[np.clip(middle + half, 0, len(audio))] - energy[np.clip(middle - half, 0, len(audio))]
    ).clip(0) / (2 * half)


def _remove_rumble(audio: np.ndarray, rate: int) -> np.ndarray:
    """Takes out what lies below 60 Hz, forwards and backwards, so that no edge moves."""
    sections = scipy.signal.butter(2, _RUMBLE_HZ, "highpass", output="sos", fs=rate)
    return scipy.signal.sosfiltfilt(sections, audio - np.mean(audio), padlen=0)


def _describe_clipping(audio: np.ndarray) -> list[str]:
    """Warns of runs of samples at the largest magnitude."""
    peak = float(np.max(np.abs(audio)))
    at_peak = np.abs(audio) >= _CLIPPED * peak
    edges = np.flatnonzero(np.diff(np.concatenate([[False], at_peak, [False]]))).reshape(-1, 2)
    runs = int(np.count_nonzero(edges[:, 1] - edges[:, 0] >= _CLIPPED_RUN))
    return [f"is clipped at {runs} places; record it again at a lower level"] if runs >= 3 else []
