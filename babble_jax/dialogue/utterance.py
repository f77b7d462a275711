"""One inter-pausal unit (IPU) of babble: exactly so many samples, sound at both edges, no pause inside.

Axes: T samples, F frames of 10 ms. A frame is active if its level is at most 15.9 dB below the active level
that every voice is brought to, that is at least -41.9 dBFS.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
import scipy.signal

from babble_jax.dialogue.loudness import (
    ACTIVE_LEVEL_DB,
    MARGIN_DB,
    frame_power,
    frame_samples,
    limit,
    reference_gain,
    reference_samples,
    without_rumble,
)
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.voice.babbler import Babbler

EDGE = 1e-3
"""The first and the last sample of an IPU are at least this (-60 dBFS); outside there is exact zero."""
RAMP_SECONDS = 0.005
"""Length of the fade at either edge, inside the IPU."""
LONGEST_SILENCE = 0.12
"""Seconds; longer silences in the babble are cut down to it. Below 0.18, so that stricter detectors agree."""

EDGE_MARGIN_DB = 10.0
"""The first and the last 10 ms of an IPU are at most this far below the active level, faded as they are."""

_ACTIVE_POWER = 10 ** ((ACTIVE_LEVEL_DB - MARGIN_DB) / 10)
_EDGE_POWER = 10 ** ((ACTIVE_LEVEL_DB - EDGE_MARGIN_DB) / 10)
_RAMP_FLOOR = 0.1  # the fade starts here: from zero, the first sample could not be heard of
_NEIGHBOURHOOD_FRAMES = 2  # frames before and after a cut that should be quiet
_SURPLUS, _SURPLUS_SECONDS = 0.2, 0.6  # of babble beyond the length asked for
_ATTEMPTS = 5  # each with twice the surplus of the one before
_LEAD_SECONDS, _TAIL_SECONDS = 0.1, 0.25  # of silence around what a voice is told to say
_SPARE_SECONDS = (
    0.04  # that it is told to say beyond the length asked for: its edges are a little early or late
)


@dataclasses.dataclass(frozen=True)
class Speaker:
    """A voice and the fixed gain that brings it to the common level."""

    babbler: Babbler
    gain: float

    @classmethod
    def of(cls, babbler: Babbler) -> Self:
        """Measures the gain (`level.reference_gain`), with progress on standard error."""
        with Progress("measuring the voice", reference_samples(babbler.sample_rate), "samples") as progress:
            return cls(babbler, reference_gain(babbler, progress.update))

    def loudness(self, stream: np.ndarray) -> np.ndarray:
        """`stream` [T] as it will sound: without rumble, at the common level, peaks limited."""
        return limit(self.gain * without_rumble(stream, self.babbler.sample_rate))


def utterances(
    speaker: Speaker, keys: np.ndarray, samples: Sequence[int], advance: Callable[[int], None]
) -> list[np.ndarray]:
    """One IPU per key, all asked of the voice in one batch.

    A voice that is told when to speak says just that much, and is cut where its sound begins and ends; of others the
    best stretch is taken. Where the babble holds too little sound, it is asked for again with twice the surplus, up to
    five times in all. An IPU depends on the voice, its key and its length.

    Args:
      speaker: the voice and its gain.
      keys: [N, 2] uint32, see `Babbler.babble`.
      samples: [N] lengths.
      advance: counts samples of the first batch (`surplus` says how many there are).

    Returns:
      N arrays, float32, of exactly `samples` samples.

    Raises:
      BabbleError: a stream stays too silent.
    """
    rate = speaker.babbler.sample_rate
    found: dict[int, np.ndarray] = {}
    for attempt in range(_ATTEMPTS):
        missing = [i for i in range(len(samples)) if i not in found]
        if not missing:
            break
        asked = [surplus(speaker.babbler, samples[i], attempt) for i in missing]
        active = [(_LEAD_SECONDS, length / rate - _TAIL_SECONDS) for length in asked]
        streams = speaker.babbler.babble(
            keys[missing],
            asked,
            advance if attempt == 0 else lambda made: None,
            active if speaker.babbler.takes_activity else None,
        )
        for i, stream, length in zip(missing, streams, asked, strict=True):
            if (ipu := cut(speaker.loudness(stream[:length]), rate, samples[i])) is not None:
                found[i] = ipu
    if len(found) < len(samples):
        short = samples[min(set(range(len(samples))) - set(found))]
        most = surplus(speaker.babbler, short, _ATTEMPTS - 1) / rate
        raise BabbleError(
            f"The voice {speaker.babbler.name} is too silent: {most:.0f} s of it hold no "
            f"{short / rate:.1f} s of speech; train it longer or raise the temperature."
        )
    return [found[i] for i in range(len(samples))]


def surplus(babbler: Babbler, samples: int, attempt: int = 0) -> int:
    """Samples of babble to ask for, for an IPU of `samples`.

    Much more for a voice that pauses when it likes; a little for one that is told when to speak, and silence around.
    """
    rate = babbler.sample_rate
    if babbler.takes_activity:
        return samples + math.ceil((_LEAD_SECONDS + 2**attempt * _SPARE_SECONDS + _TAIL_SECONDS) * rate)
    return samples + 2**attempt * math.ceil(_SURPLUS * samples + _SURPLUS_SECONDS * rate)


def cut(stream: np.ndarray, rate: int, samples: int) -> np.ndarray | None:
    """The stretch of `samples` samples of `stream` [T] that starts and ends most naturally; faded, float32.

    Silences are shortened first (`without_pauses`). A stretch is possible if, faded, its first and last
    10 ms are within `EDGE_MARGIN_DB` of the active level and its first and last sample are at least `EDGE`.
    Of these the one with the least energy in the 20 ms before and after it is taken: babble is cut where it
    pauses, if it can be. None where there is no such stretch.
    """
    stream = without_pauses(stream, rate)
    size = frame_samples(rate)
    around = _NEIGHBOURHOOD_FRAMES * size
    last = len(stream) - samples - around  # the last possible start
    if last < 0:
        return None
    power = np.square(stream, dtype=np.float64)
    start = np.arange(last + 1)
    end = start + samples
    loud = np.abs(stream) >= EDGE / _RAMP_FLOOR
    fade = np.ones(size)
    fade[: len(_ramp(rate))] = np.square(_ramp(rate))[:size]
    head = scipy.signal.fftconvolve(power, fade[::-1], "valid") / size  # from each sample on
    tail = scipy.signal.fftconvolve(power, fade, "valid") / size
    possible = loud[start] & loud[end - 1]
    possible &= (head[start] >= _EDGE_POWER) & (tail[end - size] >= _EDGE_POWER)
    if not np.any(possible):
        return None
    energy = np.concatenate([[0.0], np.cumsum(power)])
    before = energy[start] - energy[np.maximum(start - around, 0)]  # nothing comes before the stream
    after = energy[end + around] - energy[end]
    best = int(np.argmin(np.where(possible, before + after, np.inf)))
    return _faded(stream[best : best + samples], rate)


def without_pauses(stream: np.ndarray, rate: int) -> np.ndarray:
    """`stream` [T] without its leading silence, and with every silence cut down to `LONGEST_SILENCE`.

    The middle of a silence goes, the ends meet in a cross-fade of 5 ms. An incomplete last frame goes too.
    """
    size, fade = frame_samples(rate), round(RAMP_SECONDS * rate)
    active = frame_power(stream, rate) >= _ACTIVE_POWER
    if not np.any(active):
        return stream[:0]
    keep = round(LONGEST_SILENCE / 2 / (size / rate))  # frames of silence on each side of a join
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]])))
    starts, ends = edges[::2], edges[1::2]  # runs of active frames
    long = np.flatnonzero(starts[1:] - ends[:-1] > 2 * keep)
    first = np.concatenate([[starts[0]], starts[1:][long] - keep]) * size
    final = np.concatenate([ends[:-1][long] + keep, [len(active)]]) * size
    up = np.linspace(0, 1, fade + 2, dtype=np.float32)[1:-1]
    pieces = [stream[first[0] : final[0]]]
    for a, b in zip(first[1:], final[1:], strict=True):
        joined = (1 - up) * pieces[-1][-fade:] + up * stream[a : a + fade]
        pieces[-1] = np.concatenate([pieces[-1][:-fade], joined])
        pieces.append(stream[a + fade : b])
    return np.concatenate(pieces)


def _faded(ipu: np.ndarray, rate: int) -> np.ndarray:
    ramp = _ramp(rate).astype(np.float32)
    ipu = ipu.astype(np.float32)
    ipu[: len(ramp)] *= ramp
    ipu[-len(ramp) :] *= ramp[::-1]
    return ipu


def _ramp(rate: int) -> np.ndarray:
    """Raised cosine from a tenth of the amplitude to all of it, float64."""
    phase = np.linspace(0, np.pi, max(round(RAMP_SECONDS * rate), 2))
    return _RAMP_FLOOR + (1 - _RAMP_FLOOR) * (1 - np.cos(phase)) / 2
