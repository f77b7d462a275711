"""Judges one recording by all measures of speech-likeness.

Axes: T samples, M bands of the long-term spectrum, N inter-pausal units.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from babble_jax.audio import resampling, vad
from babble_jax.judge.loops import loop_correlation
from babble_jax.judge.modulation import modulation_share
from babble_jax.judge.pitch_statistics import measure_pitch
from babble_jax.judge.ranges import Tail
from babble_jax.judge.spectrum import long_term_spectrum, spectrum_distance

MIN_PAUSE = 0.2  # seconds; shorter silences do not part inter-pausal units


@dataclasses.dataclass(frozen=True)
class Judgement:
    """The measures of one recording; None where a measure has nothing to measure.

    Attributes:
      speech_share: share of 32 ms frames that the voice activity detector calls speech (probability of at least 0.5).
      modulation_share: see `modulation.modulation_share`.
      voiced_share: see `pitch_statistics.PitchStatistics`, as the three that follow.
      f0_median_hz: of the voiced frames.
      f0_low_hz: their 10th percentile.
      f0_high_hz: their 90th percentile.
      ltas_distance_db: of the long-term spectrum from that of a reference (`spectrum.spectrum_distance`).
      ipu_seconds: mean length of the detector's segments, across silences under 0.2 s.
      pause_seconds: mean length of the silences between them.
      loop_correlation: see `loops.loop_correlation`.
    """

    speech_share: float
    modulation_share: float
    voiced_share: float
    f0_median_hz: float | None
    f0_low_hz: float | None
    f0_high_hz: float | None
    ltas_distance_db: float | None
    ipu_seconds: float | None
    pause_seconds: float | None
    loop_correlation: float


MEASURES = tuple(field.name for field in dataclasses.fields(Judgement))

EXPLANATIONS = {
    "speech_share": "share of the time that a detector takes for speech",
    "modulation_share": "share of the envelope's modulation at 2 to 8 Hz, the rate of syllables",
    "voiced_share": "share of the time that has a pitch",
    "f0_median_hz": "median pitch, Hz",
    "f0_low_hz": "10th percentile of the pitch, Hz: how low it falls",
    "f0_high_hz": "90th percentile of the pitch, Hz: how high it rises",
    "ltas_distance_db": "distance of the mean spectrum from the reference's, dB: another timbre, hiss or hum",
    "ipu_seconds": "mean length of a stretch of speech between pauses, s",
    "pause_seconds": "mean length of a pause, s",
    "loop_correlation": "how much a later part repeats an earlier one; 1 is a loop",
}
"""What each measure says, by its name, in a line."""
MISSING = {
    "f0_median_hz": "there is no voiced sound",
    "f0_low_hz": "there is no voiced sound",
    "f0_high_hz": "there is no voiced sound",
    "ltas_distance_db": "there is no spectrum to compare with",
    "ipu_seconds": "the detector finds no speech",
    "pause_seconds": "there is no pause between two stretches of speech",
}
"""Why a measure has no value, by its name, where it may have none."""
WORSE_TAILS: Mapping[str, Tail] = MappingProxyType({"ltas_distance_db": "above", "loop_correlation": "above"})
"""Side of the range of real speech on which a sound is less like speech, of the measures that have one such side."""


def median_of(values: Iterable[float | None]) -> float | None:
    """Computes the median of the values that there are; None for none."""
    measured = [value for value in values if value is not None]
    return float(np.median(measured)) if measured else None


def judge(audio: np.ndarray, rate: int, spectrum: np.ndarray | None = None) -> Judgement:
    """Measures how much a recording is like speech.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      spectrum: [M] dB, the long-term spectrum to compare with; None gives no distance.
    """
    probability = vad.speech_probability(resampling.resample(np.asarray(audio, np.float32), rate, vad.RATE))
    onsets, ends = vad.detect_segments(probability, vad.VadConfig(min_silence=MIN_PAUSE))
    return Judgement(
        speech_share=float(np.mean(probability >= 0.5)),
        modulation_share=modulation_share(audio, rate),
        **dataclasses.asdict(measure_pitch(audio, rate)),
        ltas_distance_db=None
        if spectrum is None
        else spectrum_distance(long_term_spectrum(audio, rate), spectrum),
        ipu_seconds=float(np.mean(ends - onsets)) if len(onsets) else None,
        pause_seconds=float(np.mean(onsets[1:] - ends[:-1])) if len(onsets) > 1 else None,
        loop_correlation=loop_correlation(audio, rate),
    )
