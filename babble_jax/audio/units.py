"""Acoustic units: speech as a string of symbols that need no transcript, one every 10 ms.

With each unit go the pitch, which cepstra leave out, and the level, of which they hold a thirteenth. Axes: T samples, F
frames of 10 ms, M cepstral coefficients, K units, S speakers, R recordings.

The shape of a frame's spectrum, normalized for its speaker, is set to the nearest of K centroids that k-means has
found: what textless models of speech use for words (Lakhotia et al. 2021, arXiv 2102.01192, with features of a network
where this takes cepstra). A string changes its unit only where that pays (a penalty for each change, as in Kamper & van
Niekerk 2020, arXiv 2012.07551), so that its runs are about as long as phones.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple

import librosa
import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.level import rms_db
from babble_jax.audio.pitch import HOP, f0_contour, frame_count
from babble_jax.errors import BabbleError

COEFFICIENTS = 13
CHANGE = 12.0  # penalty, in squared standard deviations summed over the coefficients
_WINDOW = 0.025  # seconds
_BANDS = 40
_FLOOR = 1e-7  # power of a band: about that of a 16-bit recording's last bit
_FRAMES = 200_000  # that k-means sees, at most
_HEIGHT = 150.0  # Hz, of a speaker who is never voiced


class UnitFrame(NamedTuple):
    """What is said in 10 ms.

    Attributes:
      unit: from 0 on.
      pitch: octaves above the speaker's median; NaN where it is not voiced.
      level: dB of full scale, `LOWEST` or more.
    """

    unit: int
    pitch: float
    level: float


class UnitSequence(NamedTuple):
    """Frames one after another.

    Attributes:
      units: [F] int64.
      pitch: [F] float64, as of a `UnitFrame`.
      level: [F] float64, likewise.
    """

    units: np.ndarray
    pitch: np.ndarray
    level: np.ndarray

    @classmethod
    def of(cls, frames: Sequence[UnitFrame]) -> "UnitSequence":
        """What is said in some frames, one at least."""
        units, pitch, level = zip(*frames, strict=True)
        return cls(np.array(units, np.int64), np.array(pitch, np.float64), np.array(level, np.float64))

    def frames(self) -> list[UnitFrame]:
        """Its frames."""
        return [
            UnitFrame(*one)
            for one in zip(self.units.tolist(), self.pitch.tolist(), self.level.tolist(), strict=True)
        ]

    def at(self, index: np.ndarray) -> "UnitSequence":
        """What is said in some frames; in the last one, where there are fewer."""
        index = np.minimum(index, len(self.units) - 1)
        return UnitSequence(self.units[index], self.pitch[index], self.level[index])


@dataclasses.dataclass(frozen=True, eq=False)
class Codebook:
    """Attributes:
    centroids: [K, M] float32, of normalized cepstra.
    mean: [S, M] float32, cepstra of each speaker.
    deviation: [S, M] float32, likewise.
    median_f0: [S] float32 Hz, the median pitch of each speaker.
    """

    centroids: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    median_f0: np.ndarray

    def encode(self, audio: np.ndarray, rate: int, speaker: int = 0) -> np.ndarray:
        """The units of a recording [T] (float, full scale 1): [F] int64 in [0, K), F = T / 10 ms, rounded up.

        The string with the least sum of squared distances and `CHANGE` for each change of unit (Viterbi).
        """
        x = (cepstra(audio, rate) - self.mean[speaker]) / self.deviation[speaker]
        distance = (
            np.square(x).sum(1)[:, None] - 2 * x @ self.centroids.T + np.square(self.centroids).sum(1)[None]
        )
        return segment_dp(distance, CHANGE)

    def encode_recording(self, audio: np.ndarray, rate: int, speaker: int = 0) -> UnitSequence:
        """The units of a recording [T], as `encode` gives them, its pitch and its level."""
        pitch = np.log2(f0_contour(audio, rate) / self.median_f0[speaker])
        return UnitSequence(self.encode(audio, rate, speaker), pitch, rms_db(audio, rate))


def spans(active: np.ndarray, frames: int) -> list[tuple[int, int]]:
    """Of each interval [N, 2] seconds the first frame of 10 ms, and the one behind the last, of so many."""
    edges = np.minimum(np.rint(np.reshape(active, (-1, 2)) / HOP), frames).astype(int)
    return [(first, stop) for first, stop in edges.tolist()]


def index_at(times: np.ndarray) -> np.ndarray:
    """The frame of 10 ms in which each of some times in seconds lies, int64."""
    return np.floor(times / HOP + 1e-9).astype(np.int64)


def cepstra(audio: np.ndarray, rate: int) -> np.ndarray:
    """Mel-frequency cepstra of a recording [T]: [F, M] float32, frame f centred at (f + 1/2) x 10 ms."""
    frames = frame_count(len(audio), rate)
    if rate % 100:  # or a frame is no whole number of samples, and units run away from pitch and time
        audio, rate = wave.resample(np.asarray(audio, np.float32), rate, 16_000), 16_000
    hop, window = round(HOP * rate), round(_WINDOW * rate)
    size = 1 << (window - 1).bit_length()
    before = size // 2 - hop // 2
    after = max(0, frames * hop + size - before - len(audio))
    padded = np.pad(np.asarray(audio, np.float32), (before, after))
    power = librosa.feature.melspectrogram(
        y=padded,
        sr=rate,
        n_fft=size,
        win_length=window,
        hop_length=hop,
        n_mels=_BANDS,
        center=False,
        power=2.0,
    )
    decibels = 10 * np.log10(np.maximum(power[:, :frames] / size, _FLOOR))
    return librosa.feature.mfcc(S=decibels, n_mfcc=COEFFICIENTS).T.astype(np.float32)


def segment_dp(cost: np.ndarray, change: float) -> np.ndarray:
    """[F] int64: the string with the least sum of cost [F, K] and of `change` for each change of symbol."""
    frames, count = cost.shape
    total, stayed = cost[0].astype(np.float64), np.zeros((frames, count), bool)
    best = np.zeros(frames, np.int64)  # before each frame, where a change comes from
    for f in range(1, frames):
        best[f] = np.argmin(total)
        changed = total[best[f]] + change
        stayed[f] = total <= changed
        total = np.where(stayed[f], total, changed) + cost[f]
    symbols = np.zeros(frames, np.int64)
    symbols[-1] = np.argmin(total)
    for f in range(frames - 1, 0, -1):
        symbols[f - 1] = symbols[f] if stayed[f, symbols[f]] else best[f]
    return symbols


def fit_codebook(
    count: int,
    active: Sequence[np.ndarray],
    speakers: Sequence[int] | np.ndarray,
    read: Callable[[int], np.ndarray],
    rate: int,
    seed: int = 0,
    advance: Callable[[int], None] = lambda read: None,
) -> Codebook:
    """Finds the units of speech, from as much of each speaker; what pauses hold has no say.

    Args:
      count: K, from 2 to 256.
      active: per recording where it speaks, [N, 2] seconds.
      speakers: [R] indices from 0.
      read: gives recording i, [T] float.
      rate: Hz.
      seed: of k-means, and of which frames it sees where there are too many.
      advance: called with 1 after each recording.

    Raises:
      BabbleError: fewer different frames of speech than units.
    """
    from sklearn.cluster import MiniBatchKMeans  # a second to import, which speaking does not need

    draws = np.random.default_rng(seed)
    seen: list[list[np.ndarray]] = [[] for _ in range(int(np.max(speakers)) + 1)]
    high: list[list[np.ndarray]] = [[] for _ in seen]
    for i, intervals in enumerate(active):
        audio = read(i)
        x = cepstra(audio, rate)
        seen[speakers[i]] += [x[first:stop] for first, stop in spans(intervals, len(x))]
        f0 = f0_contour(audio, rate)
        high[speakers[i]].append(f0[np.isfinite(f0)])
        advance(1)
    own = [np.concatenate(parts) if parts else np.zeros((0, COEFFICIENTS), np.float32) for parts in seen]
    own = [
        x[draws.permutation(len(x))[: _FRAMES // len(own)]] if len(x) else np.zeros((1, x.shape[1]))
        for x in own
    ]
    mean = np.stack([x.mean(0) for x in own])
    deviation = np.stack([np.maximum(x.std(0), 1e-3) for x in own])
    normal = np.concatenate([(x - m) / d for x, m, d in zip(own, mean, deviation, strict=True)])
    if len(np.unique(normal, axis=0)) < count:
        raise BabbleError(f"The recordings hold too little speech for {count} units; ask for fewer.")
    found = MiniBatchKMeans(count, batch_size=4096, n_init="auto", random_state=seed).fit(normal)
    voiced = [np.concatenate(parts) if parts else np.zeros(0) for parts in high]
    median_f0 = np.array([np.median(f0) if len(f0) else _HEIGHT for f0 in voiced])
    return Codebook(
        *(np.asarray(x, np.float32) for x in (found.cluster_centers_, mean, deviation, median_f0))
    )
