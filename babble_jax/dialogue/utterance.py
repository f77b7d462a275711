"""One inter-pausal unit (IPU) of babble: exactly so many samples, sound at both edges, no pause inside.

Axes: T samples, F frames of 10 ms. A frame is active if its level is at most 15.9 dB below the active level
of every voice, that is at least -41.9 dBFS.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
import scipy.signal

from babble_jax.audio.filters import remove_rumble
from babble_jax.audio.level import ACTIVE_MARGIN_DB, frame_power, frame_samples
from babble_jax.dialogue.loudness import ACTIVE_LEVEL_DB, limit_peaks, measure_gain, reference_samples
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.voice.babbler import Babbler

EDGE_AMPLITUDE = 1e-3
"""The first and the last sample of an IPU are at least this (-60 dBFS); outside there is exact zero."""
RAMP_SECONDS = 0.005
"""Length of the fade at either edge, inside the IPU."""
MAX_SILENCE_SECONDS = 0.12
"""Seconds; longer silences in the babble are cut down to it. Below 0.18, so that stricter detectors agree."""

EDGE_MARGIN_DB = 10.0
"""The first and the last 10 ms of an IPU are at most this far below the active level, faded as they are."""

_ACTIVE_POWER = 10 ** ((ACTIVE_LEVEL_DB - ACTIVE_MARGIN_DB) / 10)
_EDGE_POWER = 10 ** ((ACTIVE_LEVEL_DB - EDGE_MARGIN_DB) / 10)
_RAMP_START = 0.1  # of the amplitude: from zero, the first sample would be below `EDGE_AMPLITUDE`
_NEIGHBOURHOOD_FRAMES = 2  # frames before and after a cut that should be quiet
_SURPLUS, _SURPLUS_SECONDS = (
    0.2,
    0.6,
)  # of babble beyond the length of the IPU, as a share of it and in seconds
_ATTEMPTS = 5  # each with twice the surplus of the one before
_LEAD_SECONDS, _TAIL_SECONDS = 0.1, 0.06  # of silence around the speech, for a voice that takes activity
_SPARE_SECONDS = 0.16
"""Of its speech beyond the length of the IPU: phrases begin and end more softly than `EDGE_MARGIN_DB` allows, by 60 ms
in the median and by 150 ms in one of twenty of the voice babblers. Of 295 utterances 278 succeed at first."""
_JOIN_SECONDS = 0.01  # of the cross-fade where an IPU is shortened


@dataclasses.dataclass(frozen=True)
class LeveledVoice:
    """A voice and the fixed gain that brings it to the common level."""

    babbler: Babbler
    gain: float

    @classmethod
    def measure(cls, babbler: Babbler) -> Self:
        """Measures the gain (`loudness.measure_gain`), with progress on standard error."""
        title = f"measuring the level of {babbler.name}"
        with Progress(title, reference_samples(babbler.sample_rate), "samples") as progress:
            return cls(babbler, measure_gain(babbler, progress.update))

    def apply(self, stream: np.ndarray) -> np.ndarray:
        """Brings `stream` [T] of the voice to the common level, without rumble, with its peaks limited."""
        return limit_peaks(self.gain * remove_rumble(stream, self.babbler.sample_rate))


def speak_ipus(
    voice: LeveledVoice, keys: np.ndarray, samples: Sequence[int], advance: Callable[[int], None]
) -> list[np.ndarray]:
    """Makes one IPU per key, all in one batch of the voice.

    A voice that takes activity speaks a little longer than the IPU, which begins and ends where its sound does
    (`shorten_to_ipu`); of others the best stretch is taken (`cut_ipu`). Where the babble holds too little sound, it is
    made again with twice the surplus, up to five times in all. An IPU depends on the voice, its key and its length.

    Args:
      voice: a voice and its gain.
      keys: [N, 2] uint32, see `Babbler.babble`.
      samples: [N] lengths of the IPUs.
      advance: counts samples of the first batch (`babble_samples` says how many there are).

    Returns:
      N arrays, float32, of exactly `samples` samples.

    Raises:
      BabbleError: a stream stays too silent.
    """
    rate = voice.babbler.sample_rate
    make_ipu = shorten_to_ipu if voice.babbler.takes_activity else cut_ipu
    ipus: dict[int, np.ndarray] = {}
    for attempt in range(_ATTEMPTS):
        missing = [i for i in range(len(samples)) if i not in ipus]
        if not missing:
            break
        lengths = [babble_samples(voice.babbler, samples[i], attempt) for i in missing]
        active = [(_LEAD_SECONDS, length / rate - _TAIL_SECONDS) for length in lengths]
        streams = voice.babbler.babble(
            keys[missing],
            lengths,
            advance if attempt == 0 else lambda count: None,
            active if voice.babbler.takes_activity else None,
        )
        for i, stream, length in zip(missing, streams, lengths, strict=True):
            if (ipu := make_ipu(voice.apply(stream[:length]), rate, samples[i])) is not None:
                ipus[i] = ipu
    if len(ipus) < len(samples):
        short = samples[min(set(range(len(samples))) - set(ipus))]
        most = babble_samples(voice.babbler, short, _ATTEMPTS - 1) / rate
        raise BabbleError(
            f"The voice {voice.babbler.name} is too silent: {most:.0f} s of it hold no "
            f"{short / rate:.1f} s of speech; train it on recordings without long pauses (--longest-pause 0.3), train "
            "it longer, or raise the temperature."
        )
    return [ipus[i] for i in range(len(samples))]


def babble_samples(babbler: Babbler, samples: int, attempt: int = 0) -> int:
    """Counts the samples of babble that an IPU is cut from.

    They are many more than the IPU has, for a voice that pauses at any time; a few more and the silence around, for one
    that takes activity.

    Args:
      babbler: the voice.
      samples: length of the IPU.
      attempt: from 0; each has twice the surplus of the one before.
    """
    rate = babbler.sample_rate
    if babbler.takes_activity:
        return samples + math.ceil((_LEAD_SECONDS + 2**attempt * _SPARE_SECONDS + _TAIL_SECONDS) * rate)
    return samples + 2**attempt * math.ceil(_SURPLUS * samples + _SURPLUS_SECONDS * rate)


def cut_ipu(stream: np.ndarray, rate: int, samples: int) -> np.ndarray | None:
    """Cuts the stretch of `samples` samples that starts and ends most naturally, and fades its edges.

    Silences are shortened first (`shorten_pauses`). A stretch is possible if, faded, its first and last
    10 ms are within `EDGE_MARGIN_DB` of the active level and its first and last sample are at least `EDGE_AMPLITUDE`.
    Of these the one with the least energy in the 20 ms before and after it is taken: babble is cut where it
    pauses, if it can be.

    Args:
      stream: [T] float, at the common level.
      rate: Hz.
      samples: length of the stretch.

    Returns:
      [samples] float32; None where there is no such stretch.
    """
    stream = shorten_pauses(stream, rate)
    around = _NEIGHBOURHOOD_FRAMES * frame_samples(rate)
    last = len(stream) - samples - around  # the last possible start
    if last < 0:
        return None
    starts, ends = _possible_edges(stream, rate)
    start = np.arange(last + 1)
    end = start + samples
    possible = starts[start] & ends[end]
    if not np.any(possible):
        return None
    energy = np.concatenate([[0.0], np.cumsum(np.square(stream, dtype=np.float64))])
    before = energy[start] - energy[np.maximum(start - around, 0)]  # nothing comes before the stream
    after = energy[end + around] - energy[end]
    best = int(np.argmin(np.where(possible, before + after, np.inf)))
    return _fade(stream[best : best + samples], rate)


def shorten_to_ipu(stream: np.ndarray, rate: int, samples: int) -> np.ndarray | None:
    """Takes the speech of `stream` from its own onset to its own end, brings it to `samples` samples, fades its edges.

    Silences are shortened first (`shorten_pauses`). The onset is the first sample, and the end the last, that `cut_ipu`
    could cut at. Speech that is longer is shortened by one stretch inside of it, whose ends meet in a cross-fade of
    10 ms: where the two sides of the join differ least, in samples, which is where both are soft or alike.

    Args:
      stream: [T] float, at the common level, silence around one utterance.
      rate: Hz.
      samples: length of the IPU.

    Returns:
      [samples] float32; None where the speech is shorter.
    """
    stream = shorten_pauses(stream, rate)
    if len(stream) < samples:
        return None
    starts, ends = (np.flatnonzero(edges) for edges in _possible_edges(stream, rate))
    if not len(starts) or not len(ends) or ends[-1] - starts[0] < samples:
        return None
    return _fade(_drop_inside(stream[starts[0] : ends[-1]], rate, samples), rate)


def _possible_edges(stream: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Finds where an IPU may begin and end in a stream [T]: bool [T + 1], at the first sample and behind the last."""
    size = frame_samples(rate)
    power = np.square(stream, dtype=np.float64)
    loud = np.abs(stream) >= EDGE_AMPLITUDE / _RAMP_START
    fade = np.ones(size)
    fade[: len(_ramp(rate))] = np.square(_ramp(rate))[:size]
    starts, ends = np.zeros((2, len(stream) + 1), bool)
    head = scipy.signal.fftconvolve(power, fade[::-1], "valid") / size  # from each sample on
    tail = scipy.signal.fftconvolve(power, fade, "valid") / size
    starts[: len(head)] = loud[: len(head)] & (head >= _EDGE_POWER)
    ends[size:] = loud[size - 1 :] & (tail >= _EDGE_POWER)
    return starts, ends


def _drop_inside(speech: np.ndarray, rate: int, samples: int) -> np.ndarray:
    """Shortens speech [T] to `samples` by one join, see `shorten_to_ipu`; the first and the last 10 ms stay."""
    size, surplus = frame_samples(rate), len(speech) - samples
    fade = round(_JOIN_SECONDS * rate)
    if not surplus:
        return speech
    difference = np.square(speech[:samples] - speech[surplus:], dtype=np.float64)
    sums = np.concatenate([[0.0], np.cumsum(difference)])
    before = size + np.arange(samples - fade - 2 * size + 1)  # the first sample of the cross-fade
    mismatch = sums[before + fade] - sums[before]
    # Two silences would make a longer one, unless nothing else is between them.
    active = np.append(frame_power(speech, rate) >= _ACTIVE_POWER, False)
    count = np.concatenate([[0], np.cumsum(active)])
    first, last = before // size, (before + surplus + fade) // size
    apart = ~active[first] & ~active[last] & (count[last] > count[first])
    at = int(before[np.argmin(np.where(apart, np.inf, mismatch))])
    up = np.linspace(0, 1, fade + 2, dtype=np.float32)[1:-1]
    behind = at + surplus
    joined = (1 - up) * speech[at : at + fade] + up * speech[behind : behind + fade]
    return np.concatenate([speech[:at], joined, speech[behind + fade :]])


def shorten_pauses(stream: np.ndarray, rate: int) -> np.ndarray:
    """Drops the leading silence of `stream` [T], and cuts every other silence down to `MAX_SILENCE_SECONDS`.

    The middle of a silence goes, the ends meet in a cross-fade of 5 ms. An incomplete last frame goes too.
    """
    size, fade = frame_samples(rate), round(RAMP_SECONDS * rate)
    active = frame_power(stream, rate) >= _ACTIVE_POWER
    if not np.any(active):
        return stream[:0]
    keep = round(MAX_SILENCE_SECONDS / 2 / (size / rate))  # frames of silence on each side of a join
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


def _fade(ipu: np.ndarray, rate: int) -> np.ndarray:
    ramp = _ramp(rate).astype(np.float32)
    ipu = ipu.astype(np.float32)
    ipu[: len(ramp)] *= ramp
    ipu[-len(ramp) :] *= ramp[::-1]
    return ipu


def _ramp(rate: int) -> np.ndarray:
    """Returns a raised cosine from a tenth of the amplitude to all of it, float64."""
    phase = np.linspace(0, np.pi, max(round(RAMP_SECONDS * rate), 2))
    return _RAMP_START + (1 - _RAMP_START) * (1 - np.cos(phase)) / 2
