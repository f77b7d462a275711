"""Detects speech on each channel of a recording block by block, so that hours of it take little memory.

The file is decoded twice: once for its loudest amplitude and for the correlation of its channels, by which a caller
refuses it before anything is listened to, and once for the detector.

Axes: C channels, N segments of a channel.
"""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from babble_jax.audio import full_scale, vad
from babble_jax.audio.resampling import StreamResampler
from babble_jax.audio.sound_file import SoundFile


@dataclasses.dataclass(frozen=True)
class ChannelSurvey:
    """The channels of a recording before they are listened to.

    Attributes:
      seconds: length.
      frames: frames of the detector for each channel.
      correlation: [C, C] of the channels at 16 kHz; 0 where one of them is constant.
      gain: factor that brings the amplitudes to full scale.
      notes: what is out of the ordinary, each the end of a sentence that begins with the file.
    """

    seconds: float
    frames: int
    correlation: np.ndarray
    gain: float
    notes: tuple[str, ...]


def survey_channels(file: SoundFile) -> ChannelSurvey:
    """Decodes a recording once, for what is to be known of its channels before they are listened to.

    Raises:
      BabbleError: the recording is damaged, as `SoundFile.blocks` says, or of no known scale.
    """
    peaks, lengths = [0.0], [0]  # of the blocks of the file
    output_peak, count = 0.0, 0
    total, products = np.zeros(file.channels), np.zeros((file.channels, file.channels))
    for block in _resampled(file, lambda raw: (peaks.append(full_scale.peak(raw)), lengths.append(len(raw)))):
        output_peak = max(output_peak, full_scale.peak(block))
        block = block.astype(np.float64)
        count += len(block)
        total += block.sum(axis=0)
        products += block.T @ block
    covariance = products - np.outer(total, total) / max(1, count)
    power = np.diagonal(covariance)
    scale = np.sqrt(np.outer(power, power).clip(0))
    varies = power > 1e-12 * np.diagonal(products)  # a constant one is left with what rounding gives
    correlation = np.divide(covariance, scale, out=np.zeros_like(scale), where=np.outer(varies, varies))
    gain, note = full_scale.find_gain(file.path, max(peaks), output_peak)
    return ChannelSurvey(
        seconds=sum(lengths) / file.rate,
        frames=-(-count // vad.FRAME),
        correlation=correlation,
        gain=gain,
        notes=(*file.notes, note) if note else file.notes,
    )


def detect_channels(
    file: SoundFile, gain: float, advance: Callable[[int], None] | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Detects the segments of speech on each channel.

    Args:
      file: the recording.
      gain: factor for the amplitudes, as `survey_channels` finds it.
      advance: called with 1 after each frame of each channel.

    Returns:
      (onset, end) of each channel, [N] float64 seconds; an end is not behind that of the recording.
    """
    detectors = [vad.SpeechDetector() for _ in range(file.channels)]
    probabilities: list[list[np.ndarray]] = [[] for _ in detectors]
    count = 0
    for block in _resampled(file):
        count += len(block)
        for i, detector in enumerate(detectors):
            channel = block[:, i] if gain == 1 else block[:, i] * np.float32(gain)
            probabilities[i].append(detector.push(channel, advance))
    segments = []
    for detector, probability in zip(detectors, probabilities, strict=True):
        onsets, ends = vad.detect_segments(np.concatenate([*probability, detector.finish(advance)]))
        ends = np.minimum(ends, count / vad.RATE)  # not within the zeros that fill the last frame
        segments.append((onsets[onsets < ends], ends[onsets < ends]))
    return segments


def _resampled(
    file: SoundFile, observe: Callable[[np.ndarray], object] = lambda raw: None
) -> Iterator[np.ndarray]:
    """Yields the blocks of a file at the rate of the detector; `observe` sees them before."""
    resampler = StreamResampler(file.rate, vad.RATE, file.channels)
    for block in file.blocks():
        observe(block)
        yield resampler.push(block)
    yield resampler.finish()
