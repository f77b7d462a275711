"""Acoustic units: speech as a sequence of symbols that need no transcript, one every 10 ms.

Each unit is stored with the pitch, which cepstra leave out, and the level, which is one of their thirteen coefficients.
Axes: T samples, F frames of 10 ms, M cepstral coefficients, K units, S speakers, R recordings.

Each frame's cepstrum, normalized for its speaker, is assigned to the nearest of K centroids of k-means, as textless
models of speech do (Lakhotia et al. 2021, arXiv:2102.01192; they take features of a network where this takes cepstra).
A dynamic program adds a penalty for each change of unit (Kamper & van Niekerk 2020, arXiv:2012.07551), so that runs of
a unit are about as long as phones.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple

import librosa
import numpy as np

from babble_jax.audio import mel, wave
from babble_jax.audio.level import rms_db
from babble_jax.audio.pitch import HOP, f0_contour, frame_count
from babble_jax.errors import BabbleError

COEFFICIENTS = 13
CHANGE_PENALTY = 12.0
"""Cost of a change of unit, in squared standard deviations summed over the coefficients."""
_WINDOW = 0.025  # seconds
_BANDS = 40
_LOWEST_POWER = 1e-7  # of a band: about that of a 16-bit recording's last bit
_MAX_FRAMES = 200_000  # for k-means, of all speakers together
_DEFAULT_F0 = 150.0  # Hz, for a speaker who is never voiced


class UnitFrame(NamedTuple):
    """A unit of 10 ms with its pitch and its level.

    Attributes:
      unit: from 0 on.
      pitch: octaves above the speaker's median; NaN where it is not voiced.
      rms_db: dB of full scale, `LOWEST_RMS_DB` or more.
    """

    unit: int
    pitch: float
    rms_db: float


class UnitSequence(NamedTuple):
    """Consecutive frames of 10 ms.

    Attributes:
      units: [F] int64.
      pitch: [F] float64 octaves above the speaker's median; NaN where it is not voiced.
      rms_db: [F] float64 dB of full scale.
    """

    units: np.ndarray
    pitch: np.ndarray
    rms_db: np.ndarray

    @classmethod
    def from_frames(cls, frames: Sequence[UnitFrame]) -> "UnitSequence":
        """Joins frames, one at least."""
        units, pitch, level = zip(*frames, strict=True)
        return cls(np.array(units, np.int64), np.array(pitch, np.float64), np.array(level, np.float64))

    def frames(self) -> list[UnitFrame]:
        """Lists its frames."""
        return [
            UnitFrame(*frame)
            for frame in zip(self.units.tolist(), self.pitch.tolist(), self.rms_db.tolist(), strict=True)
        ]

    def take(self, index: np.ndarray) -> "UnitSequence":
        """Selects frames by their indices [N]; the last frame stands in for those beyond it."""
        index = np.minimum(index, len(self.units) - 1)
        return UnitSequence(self.units[index], self.pitch[index], self.rms_db[index])


@dataclasses.dataclass(frozen=True, eq=False)
class Codebook:
    """The centroids of units, and the normalization of each speaker.

    Attributes:
      centroids: [K, M] float32, of normalized cepstra.
      mean: [S, M] float32, cepstra of each speaker.
      deviation: [S, M] float32, standard deviation of each speaker's cepstra.
      median_f0: [S] float32 Hz, the median pitch of each speaker.
    """

    centroids: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    median_f0: np.ndarray

    def encode(self, audio: np.ndarray, rate: int, speaker: int = 0) -> np.ndarray:
        """Computes the units with the least sum of squared distances and penalties of changes (`segment_dp`).

        Args:
          audio: [T] float, full scale 1.
          rate: Hz.
          speaker: index, whose normalization is used.

        Returns:
          [F] int64 in [0, K), F = T / 10 ms, rounded up.
        """
        x = (cepstra(audio, rate) - self.mean[speaker]) / self.deviation[speaker]
        distance = (
            np.square(x).sum(1)[:, None] - 2 * x @ self.centroids.T + np.square(self.centroids).sum(1)[None]
        )
        return segment_dp(distance, CHANGE_PENALTY)

    def encode_recording(self, audio: np.ndarray, rate: int, speaker: int = 0) -> UnitSequence:
        """Computes the units of a recording, as `encode` does, with its pitch in octaves and its level in dB.

        Args:
          audio: [T] float, full scale 1.
          rate: Hz.
          speaker: index, whose normalization and median pitch are used.
        """
        pitch = np.log2(f0_contour(audio, rate) / self.median_f0[speaker])
        return UnitSequence(self.encode(audio, rate, speaker), pitch, rms_db(audio, rate))


def frame_spans(active: np.ndarray, frames: int) -> list[tuple[int, int]]:
    """Converts intervals from seconds to frames of 10 ms.

    Args:
      active: [N, 2] seconds.
      frames: number of frames of the recording; later ones are cut off.

    Returns:
      (first, stop) for each interval: its first frame, and the one behind its last.
    """
    edges = np.minimum(np.rint(np.reshape(active, (-1, 2)) / HOP), frames).astype(int)
    return [(first, stop) for first, stop in edges.tolist()]


def frame_index(times: np.ndarray) -> np.ndarray:
    """Converts times [N] in seconds to the index of the frame of 10 ms in which each lies, int64."""
    return np.floor(times / HOP + 1e-9).astype(np.int64)


def cepstra(audio: np.ndarray, rate: int) -> np.ndarray:
    """Computes mel-frequency cepstra, one every 10 ms.

    Args:
      audio: [T] float.
      rate: Hz.

    Returns:
      [F, M] float32, frame f centred at (f + 1/2) x 10 ms.
    """
    frames = frame_count(len(audio), rate)
    if rate % 100:  # else a frame is no integer number of samples, and units run away from pitch and time
        audio, rate = wave.resample(np.asarray(audio, np.float32), rate, 16_000), 16_000
    hop, size = round(HOP * rate), mel.fourier_length(_WINDOW, rate)
    before = size // 2 - hop // 2
    after = max(0, frames * hop + size - before - len(audio))
    padded = np.pad(np.asarray(audio, np.float32), (before, after))
    power = mel.mel_power(padded, rate, _BANDS, _WINDOW, HOP, center=False)
    decibels = 10 * np.log10(np.maximum(power[:, :frames] / size, _LOWEST_POWER))
    return librosa.feature.mfcc(S=decibels, n_mfcc=COEFFICIENTS).T.astype(np.float32)


def segment_dp(cost: np.ndarray, change: float) -> np.ndarray:
    """Finds the sequence of symbols with the least sum of costs and of penalties for changes (Viterbi).

    Kamper & van Niekerk 2020, arXiv:2012.07551, section 3, with a constant penalty for each new segment.

    Args:
      cost: [F, K] of each symbol in each frame.
      change: penalty for each change of symbol.

    Returns:
      [F] int64 in [0, K).
    """
    frames, count = cost.shape
    total, stays = cost[0].astype(np.float64), np.zeros((frames, count), bool)
    best = np.zeros(frames, np.int64)  # before each frame, where a change comes from
    for f in range(1, frames):
        best[f] = np.argmin(total)
        total_after_change = total[best[f]] + change
        stays[f] = total <= total_after_change
        total = np.where(stays[f], total, total_after_change) + cost[f]
    symbols = np.zeros(frames, np.int64)
    symbols[-1] = np.argmin(total)
    for f in range(frames - 1, 0, -1):
        symbols[f - 1] = symbols[f] if stays[f, symbols[f]] else best[f]
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
    """Fits a codebook by k-means on as many frames of each speaker, from the intervals that hold speech alone.

    Args:
      count: K, from 2 to 256.
      active: [R] intervals of speech of each recording, [N, 2] seconds.
      speakers: [R] indices from 0.
      read: gives recording i, [T] float.
      rate: Hz.
      seed: of k-means, and of the choice of frames where there are too many.
      advance: called with 1 after each recording.

    Raises:
      BabbleError: fewer different frames of speech than units.
    """
    from sklearn.cluster import MiniBatchKMeans  # a second to import, which speaking does not need

    draws = np.random.default_rng(seed)
    speech: list[list[np.ndarray]] = [[] for _ in range(int(np.max(speakers)) + 1)]
    voiced_f0: list[list[np.ndarray]] = [[] for _ in speech]
    for i, intervals in enumerate(active):
        audio = read(i)
        x = cepstra(audio, rate)
        speech[speakers[i]] += [x[first:stop] for first, stop in frame_spans(intervals, len(x))]
        f0 = f0_contour(audio, rate)
        voiced_f0[speakers[i]].append(f0[np.isfinite(f0)])
        advance(1)
    rows = [np.concatenate(parts) if parts else np.zeros((0, COEFFICIENTS), np.float32) for parts in speech]
    rows = [
        x[draws.permutation(len(x))[: _MAX_FRAMES // len(rows)]] if len(x) else np.zeros((1, x.shape[1]))
        for x in rows
    ]
    mean = np.stack([x.mean(0) for x in rows])
    deviation = np.stack([np.maximum(x.std(0), 1e-3) for x in rows])
    normalized = np.concatenate([(x - m) / d for x, m, d in zip(rows, mean, deviation, strict=True)])
    if len(np.unique(normalized, axis=0)) < count:
        raise BabbleError(f"The recordings hold too little speech for {count} units; ask for fewer.")
    kmeans = MiniBatchKMeans(count, batch_size=4096, n_init="auto", random_state=seed).fit(normalized)
    f0s = [np.concatenate(parts) if parts else np.zeros(0) for parts in voiced_f0]
    median_f0 = np.array([np.median(f0) if len(f0) else _DEFAULT_F0 for f0 in f0s])
    return Codebook(
        *(np.asarray(x, np.float32) for x in (kmeans.cluster_centers_, mean, deviation, median_f0))
    )
