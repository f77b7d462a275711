"""Shows what a voice makes at an evaluation beside the same held-out speech: sound, spectrogram, levels, measures.

Axes: T samples, Q levels, N bins.
"""

import dataclasses
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from babble_jax import files
from babble_jax.audio import pcm, spectrogram
from babble_jax.dataset.source import Recordings
from babble_jax.judge.judgement import judge
from babble_jax.judge.spectrum import long_term_spectrum
from babble_jax.track.tracker import Tracker
from babble_jax.voice.config import VoiceConfig

_MOST_BINS = 64
_SHORTEST = 1.0
"""Seconds of babble from which its measures say anything."""


def heldout_speech(recordings: Recordings, speaker: int | None, seconds: float) -> np.ndarray:
    """Cuts speech of a speaker from a split, the same in every evaluation: the middle of the first that is long enough.

    Args:
      recordings: of the validation split.
      speaker: its number; None for that of any.
      seconds: wanted; less where no recording is as long.

    Returns:
      [T] int16; empty where the split holds no recording of the speaker.
    """
    own = [i for i in range(len(recordings)) if speaker is None or recordings.speakers[i] == speaker]
    if not own:
        return np.zeros(0, np.int16)
    count = round(seconds * recordings.sample_rate)
    longest = max(own, key=lambda i: recordings.lengths[i])
    number = next((i for i in own if recordings.lengths[i] >= count), longest)
    samples = recordings.read(number)
    start = max(0, (len(samples) - count) // 2)
    return samples[start : start + count]


def level_histogram(config: VoiceConfig, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts the quantized values of sound.

    Args:
      config: of the voice, whose quantizer has Q levels.
      samples: [T] int16.

    Returns:
      [N + 1] edges of the bins, from 0 to Q, and the [N] counts.
    """
    q_levels = config.quantizer.q_levels
    edges = np.linspace(0, q_levels, min(q_levels, _MOST_BINS) + 1)
    counts, _ = np.histogram(np.asarray(config.encode(jnp.asarray(samples))) + 0.5, edges)
    return edges, counts


@dataclasses.dataclass(frozen=True)
class Showing:
    """Logs babble of a speaker beside held-out speech of the same one.

    Attributes:
      config: of the voice.
      tracker: where it goes.
      step: updates made.
    """

    config: VoiceConfig
    tracker: Tracker
    step: int

    def log(self, name: str, babble: np.ndarray, speech: np.ndarray) -> None:
        """Logs sounds, spectrograms, the histogram of quantized values, and the measures of `babble judge`.

        Args:
          name: of the speaker; empty for a voice without speakers.
          babble: [T] float32 amplitudes.
          speech: [T] int16, held out; empty where there is none.
        """
        suffix, rate = f"-{name}" if name else "", self.config.sample_rate
        reference = pcm.from_int16(speech)
        self.tracker.log_audio(self.step, f"babble{suffix}", babble, rate)
        self._log_spectrogram(f"spectrogram{suffix}", babble, f"babble after {self.step} steps")
        if len(speech):
            self.tracker.log_audio(self.step, f"speech{suffix}", reference, rate)
            self._log_spectrogram(f"speech_spectrogram{suffix}", reference, "held-out speech")
        for kind, samples in (("babble", pcm.to_int16(babble)), ("speech", speech)):
            if len(samples):
                edges, counts = level_histogram(self.config, samples)
                self.tracker.log_histogram(self.step, f"quantized{suffix}/{kind}", edges, counts)
        if len(babble) >= _SHORTEST * rate:
            self.tracker.log_metrics(self.step, measure_babble(babble, reference, rate, suffix))

    def _log_spectrogram(self, name: str, audio: np.ndarray, title: str) -> None:
        with files.scratch_folder() as folder:
            path = Path(folder) / "spectrogram.png"
            spectrogram.plot_spectrogram(audio, self.config.sample_rate, path, title)
            self.tracker.log_picture(self.step, name, path)


def measure_babble(babble: np.ndarray, speech: np.ndarray, rate: int, suffix: str = "") -> dict[str, float]:
    """Measures how much like speech babble is: `judge/MEASURE` by name, those that have something to measure.

    Args:
      babble: [T] float amplitudes.
      speech: [T] float amplitudes of the same speaker, from whose spectrum the distance is measured; may be empty.
      rate: Hz.
      suffix: of the names.
    """
    spectrum = long_term_spectrum(speech, rate) if len(speech) else None
    values = dataclasses.asdict(judge(babble, rate, spectrum))
    return {f"judge{suffix}/{name}": float(value) for name, value in values.items() if value is not None}
