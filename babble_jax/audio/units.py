"""Acoustic units: speech as a sequence of symbols that need no transcript, one every 10 ms.

Each unit is stored with the pitch, which cepstra leave out, and the level, which is one of their thirteen coefficients.
Axes: T samples, F frames of 10 ms, M cepstral coefficients, K units, S speakers, R recordings.

Each frame's cepstrum, normalized for its speaker, is assigned to the nearest of K centroids of k-means, as textless
models of speech do (Lakhotia et al. 2021, arXiv:2102.01192; they take features of a network where this takes cepstra).
A dynamic program adds a penalty for each change of unit (Kamper & van Niekerk 2020, arXiv:2012.07551), so that runs of
a unit are about as long as phones.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

import librosa
import numpy as np

from babble_jax.audio import mel, resampling
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
BLOCK = 30_000
"""Frames that are held at once: recordings of up to 5 minutes are one block."""

FeatureName = Literal["f0", "rms_db", "cepstra"]


class RawFeatures(Protocol):
    """Raw features of recordings, one row every 10 ms, which are read slice by slice."""

    def read(self, name: FeatureName, i: int, first: int, stop: int) -> np.ndarray:
        """Reads frames `first` to `stop` - 1 of recording i.

        Args:
          name: "f0" in Hz, NaN where it is not voiced; "rms_db" in dB of full scale; or "cepstra", M coefficients.
          i: number of the recording.
          first: frame.
          stop: frame, at most the number of frames of the recording.

        Returns:
          [stop - first] float64 for "f0" and "rms_db", [stop - first, M] float32 for "cepstra".
        """
        ...


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

    def read(self, first: int, stop: int) -> "UnitSequence":
        """Selects frames `first` to `stop` - 1."""
        return UnitSequence(self.units[first:stop], self.pitch[first:stop], self.rms_db[first:stop])

    def take(self, index: np.ndarray) -> "UnitSequence":
        """Selects frames by their indices [N]; the last frame stands in for those beyond it."""
        index = np.minimum(index, len(self.units) - 1)
        return UnitSequence(self.units[index], self.pitch[index], self.rms_db[index])


class EncodedRecording(NamedTuple):
    """A recording whose units are in memory, and whose pitch and level are read slice by slice.

    Attributes:
      units: [F] integers.
      read: gives frames `first` to `stop` - 1.
    """

    units: np.ndarray
    read: Callable[[int, int], UnitSequence]


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
        rows = cepstra(audio, rate)
        return self._segment(lambda first, stop: rows[first:stop], len(rows), speaker).astype(np.int64)

    def _segment(self, rows: Callable[[int, int], np.ndarray], frames: int, speaker: int) -> np.ndarray:
        """Computes the units [F] uint8 of cepstra that `rows` gives slice by slice.

        Args:
          rows: gives frames `first` to `stop` - 1, [N, M].
          frames: F.
          speaker: index, whose normalization is used.
        """
        from babble_jax.audio.segmentation import segment_by_blocks  # numba: half a second

        size = np.square(self.centroids).sum(1)

        def cost(first: int, stop: int) -> np.ndarray:
            x = (rows(first, stop) - self.mean[speaker]) / self.deviation[speaker]
            products = 2 * x @ self.centroids.T
            np.subtract(np.square(x).sum(1)[:, None], products, out=products)
            products += size
            return products

        return segment_by_blocks(cost, frames, len(self.centroids), CHANGE_PENALTY, BLOCK)

    def encode_recording(self, audio: np.ndarray, rate: int, speaker: int = 0) -> UnitSequence:
        """Computes the units of a recording, as `encode` does, with its pitch in octaves and its level in dB.

        Args:
          audio: [T] float, full scale 1.
          rate: Hz.
          speaker: index, whose normalization and median pitch are used.
        """
        pitch = np.log2(f0_contour(audio, rate) / self.median_f0[speaker])
        return UnitSequence(self.encode(audio, rate, speaker), pitch, rms_db(audio, rate))

    def encode_features(
        self, features: RawFeatures, i: int, frames: int, speaker: int = 0
    ) -> EncodedRecording:
        """Computes the units of a recording from its features, as `encode_recording` does from its sound.

        Args:
          features: raw features of the recordings.
          i: number of the recording.
          frames: F, number of its frames.
          speaker: index, whose normalization and median pitch are used.
        """
        units = self._segment(lambda first, stop: features.read("cepstra", i, first, stop), frames, speaker)

        def read(first: int, stop: int) -> UnitSequence:
            pitch = np.log2(features.read("f0", i, first, stop) / self.median_f0[speaker])
            level = features.read("rms_db", i, first, stop)
            return UnitSequence(units[first:stop].astype(np.int64), pitch, level)

        return EncodedRecording(units, read)


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
        audio, rate = resampling.resample(np.asarray(audio, np.float32), rate, 16_000), 16_000
    hop, size = round(HOP * rate), mel.fourier_length(_WINDOW, rate)
    before = size // 2 - hop // 2
    after = max(0, frames * hop + size - before - len(audio))
    padded = np.pad(np.asarray(audio, np.float32), (before, after))
    power = mel.mel_power(padded, rate, _BANDS, _WINDOW, HOP, center=False)
    decibels = 10 * np.log10(np.maximum(power[:, :frames] / size, _LOWEST_POWER))
    return librosa.feature.mfcc(S=decibels, n_mfcc=COEFFICIENTS).T.astype(np.float32)


def fit_codebook(
    count: int,
    active: Sequence[np.ndarray],
    speakers: Sequence[int] | np.ndarray,
    frames: Sequence[int] | np.ndarray,
    features: RawFeatures,
    seed: int = 0,
) -> Codebook:
    """Fits a codebook by k-means on as many frames of each speaker, from the intervals that hold speech alone.

    Args:
      count: K, from 2 to 256.
      active: [R] intervals of speech of each recording, [N, 2] seconds.
      speakers: [R] indices from 0.
      frames: [R] number of frames of each recording.
      features: raw features of the recordings.
      seed: of k-means, and of the choice of frames where there are too many.

    Raises:
      BabbleError: fewer different frames of speech than units.
    """
    from sklearn.cluster import MiniBatchKMeans  # a second to import, which speaking does not need

    draws = np.random.default_rng(seed)
    own = [[i for i in range(len(active)) if speakers[i] == s] for s in range(int(np.max(speakers)) + 1)]
    rows = []
    for recordings in own:
        spans = [(i, *span) for i in recordings for span in frame_spans(active[i], frames[i])]
        rows.append(_draw_rows(features, spans, _MAX_FRAMES // len(own), draws))
    mean = np.stack([x.mean(0) for x in rows])
    deviation = np.stack([np.maximum(x.std(0), 1e-3) for x in rows])
    normalized = np.concatenate([(x - m) / d for x, m, d in zip(rows, mean, deviation, strict=True)])
    if len(np.unique(normalized, axis=0)) < count:
        raise BabbleError(f"The recordings hold too little speech for {count} units; ask for fewer.")
    kmeans = MiniBatchKMeans(count, batch_size=4096, n_init="auto", random_state=seed).fit(normalized)
    median_f0 = np.array(
        [_median_f0(features, [(i, 0, frames[i]) for i in recordings]) for recordings in own]
    )
    return Codebook(
        *(np.asarray(x, np.float32) for x in (kmeans.cluster_centers_, mean, deviation, median_f0))
    )


def fit_speaker(
    centroids: np.ndarray,
    active: Sequence[np.ndarray],
    frames: Sequence[int] | np.ndarray,
    features: RawFeatures,
    seed: int = 0,
) -> Codebook:
    """Fits the normalization of a new speaker to centroids, from the intervals that hold speech alone.

    Args:
      centroids: [K, M] float32, of another codebook.
      active: [R] intervals of speech of each recording, [N, 2] seconds.
      frames: [R] number of frames of each recording.
      features: raw features of the recordings.
      seed: of the choice of frames where there are too many.

    Returns:
      A codebook of one speaker.
    """
    spans = [(i, *span) for i in range(len(active)) for span in frame_spans(active[i], frames[i])]
    rows = _draw_rows(features, spans, _MAX_FRAMES, np.random.default_rng(seed))
    median_f0 = _median_f0(features, [(i, 0, frames[i]) for i in range(len(active))])
    values = rows.mean(0), np.maximum(rows.std(0), 1e-3), median_f0
    return Codebook(centroids, *(np.asarray(x, np.float32)[None] for x in values))


def _blocks(spans: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Splits spans (recording, first, stop) of frames into parts of a block at most; empty ones are left out."""
    for i, first, stop in spans:
        for start in range(first, stop, BLOCK):
            yield i, start, min(start + BLOCK, stop)


def _draw_rows(
    features: RawFeatures, spans: Sequence[tuple[int, int, int]], count: int, draws: np.random.Generator
) -> np.ndarray:
    """Draws cepstra from spans (recording, first, stop) of frames: [N, M], N = `count` or as many as there are.

    Args:
      features: raw features of the recordings.
      spans: of frames.
      count: the most rows to be drawn.
      draws: consumed.
    """
    total = sum(max(0, stop - first) for _, first, stop in spans)
    if not total:
        return np.zeros((1, COEFFICIENTS))
    index = draws.permutation(total)[:count]
    order = np.argsort(index)
    ascending = index[order]
    rows, before = np.zeros((len(index), COEFFICIENTS), np.float32), 0
    for i, first, stop in _blocks(spans):
        a, b = np.searchsorted(ascending, [before, before + stop - first])
        rows[order[a:b]] = features.read("cepstra", i, first, stop)[ascending[a:b] - before]
        before += stop - first
    return rows


def _median_f0(features: RawFeatures, spans: Sequence[tuple[int, int, int]]) -> float:
    """Computes the median f0, in Hz, of the voiced frames of spans (recording, first, stop) of frames.

    The frames are counted by their f0, of which `pyin` tells few values apart, so that they need not be held.
    """
    counts: dict[float, int] = {}
    for i, first, stop in _blocks(spans):
        f0 = features.read("f0", i, first, stop)
        for value, number in zip(*np.unique(f0[np.isfinite(f0)], return_counts=True), strict=True):
            counts[float(value)] = counts.get(float(value), 0) + int(number)
    if not counts:
        return _DEFAULT_F0
    values = np.array(sorted(counts))
    ends = np.cumsum([counts[value] for value in values.tolist()])
    total = int(ends[-1])
    return float(np.mean(values[np.searchsorted(ends, [(total - 1) // 2, total // 2], side="right")]))
