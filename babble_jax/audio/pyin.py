"""Estimates f0 by probabilistic YIN (Mauch & Dixon 2014), frame by frame equal to `librosa.pyin`, in a fraction of its
time and memory.

`librosa.pyin` compares each state of its hidden Markov model with all others in every frame, though a transition
reaches a few neighbours, calls scipy's Boltzmann distribution once a frame, and holds all frames in all states. Here
the search is limited to the neighbours wherever that is proved to give the same path, the distribution stands in a
table, and frames are taken in blocks. Sums and logarithms are taken by the same calls in the same order, so that the
path is the same, and Python's lock is released for most of the time, so that several threads may measure side by side.

Axes: T samples, F frames, P periods, S states (bins of pitch, voiced and then unvoiced), H thresholds, N troughs.
"""

import dataclasses
import functools
import itertools

import librosa
import numba
import numpy as np
import scipy.stats

_THRESHOLDS = 100
_BETA = 2, 18  # parameters of the distribution of thresholds
_BOLTZMANN = 2.0  # decay of the probability of a trough with its number
_MAX_TRANSITION = 35.92  # octaves per second
_SWITCH_PROB = 0.01  # of a change between voiced and unvoiced
_NO_TROUGH_PROB = 0.01
_BLOCK = 1000  # frames
_TINY = np.finfo(np.float64).tiny  # added to probabilities before their logarithm is taken

_compile = numba.njit(nogil=True, cache=True)


@dataclasses.dataclass(frozen=True, eq=False)
class _Tables:
    """Tables that depend on the settings alone.

    Attributes:
      f0: [S / 2] Hz of each bin.
      bins_per_octave: number of bins.
      periods: shortest and longest period in samples.
      thresholds: [H].
      threshold_prob: [H], probability of each threshold.
      below_prob: [H + 1], probability of the first thresholds together.
      trough_prob: [N, N + 1], probability of trough n of so many.
      log_transition: [S, S], to each state from each.
      reach: bins between a state and the farthest to which it may go.
    """

    f0: np.ndarray
    bins_per_octave: int
    periods: tuple[int, int]
    thresholds: np.ndarray
    threshold_prob: np.ndarray
    below_prob: np.ndarray
    trough_prob: np.ndarray
    log_transition: np.ndarray
    reach: int


@functools.cache
def _tables(lowest: float, highest: float, rate: int, window: int, hop: int, resolution: float) -> _Tables:
    """Makes the tables of `pyin`'s settings."""
    per_semitone = int(np.ceil(1.0 / resolution))
    bins = int(np.floor(12 * per_semitone * np.log2(highest / lowest))) + 1
    periods = int(np.floor(rate / highest)), min(int(np.ceil(rate / lowest)), window - 1)
    thresholds = np.linspace(0, 1, _THRESHOLDS + 1)
    threshold_prob = np.diff(scipy.stats.beta.cdf(thresholds, *_BETA))
    most = (periods[1] - periods[0]) // 2 + 2  # troughs are no neighbours
    numbers, counts = np.meshgrid(np.arange(most), np.arange(1, most + 1), indexing="ij")
    trough_prob = np.zeros((most, most + 1))
    trough_prob[:, 1:] = scipy.stats.boltzmann.pmf(numbers, _BOLTZMANN, counts)
    width = round(_MAX_TRANSITION * 12 * hop / rate) * per_semitone + 1
    within = librosa.sequence.transition_local(bins, width, window="triangle", wrap=False)
    transition = np.kron(librosa.sequence.transition_loop(2, 1 - _SWITCH_PROB), within)
    source, target = np.nonzero(within)
    return _Tables(
        lowest * 2 ** (np.arange(bins) / (12 * per_semitone)),
        12 * per_semitone,
        periods,
        thresholds[1:],
        threshold_prob,
        np.array([np.sum(threshold_prob[:n]) for n in range(_THRESHOLDS + 1)]),
        trough_prob,
        np.ascontiguousarray(np.log(transition + _TINY).T),
        int(np.abs(source - target).max()),
    )


def pyin(
    audio: np.ndarray, rate: int, lowest: float, highest: float, window: int, hop: int, resolution: float
) -> np.ndarray:
    """Estimates f0 with the defaults of `librosa.pyin`.

    Args:
      audio: [T] float32, not empty.
      rate: Hz.
      lowest: Hz, the lowest f0.
      highest: Hz, the highest f0.
      window: samples of a frame.
      hop: samples between the middles of frames, of which the first lies at sample 0.
      resolution: semitones between bins of pitch.

    Returns:
      [F] float64 Hz, NaN where it is not voiced; F = 1 + T // hop.
    """
    tables = _tables(lowest, highest, rate, window, hop, resolution)
    frames = librosa.util.frame(np.pad(audio, window // 2), frame_length=window, hop_length=hop)
    count, states = frames.shape[1], len(tables.log_transition)
    origin = np.zeros((count, states), np.uint16)
    value = np.full(states, np.log(np.ones(states) / states + _TINY))
    edges = np.linspace(0, count, -(-count // _BLOCK) + 1).astype(int).tolist()
    for first, stop in itertools.pairwise(edges):
        log_prob = np.log(_observation_prob(frames[:, first:stop], rate, lowest, tables).T + _TINY)
        value = _forward(
            np.ascontiguousarray(log_prob),
            tables.log_transition,
            tables.reach,
            value,
            first == 0,
            origin[first:stop],
        )
    state = _backtrace(origin, int(np.argmax(value)))
    return np.where(state < states // 2, tables.f0[state % (states // 2)], np.nan)


def _observation_prob(frames: np.ndarray, rate: int, lowest: float, tables: _Tables) -> np.ndarray:
    """Computes the probability of each state from each frame alone: [S, F].

    Args:
      frames: [window, F] samples.
      rate: Hz.
      lowest: Hz, the lowest f0.
      tables: tables of the settings.
    """
    difference = _normalized_difference(frames, *tables.periods)  # [P, F]
    by_frame = np.ascontiguousarray(difference.T)
    troughs, probs, sizes = [], [], []
    for row in by_frame:
        trough, prior, lowest_trough, above = _trough_priors(row, tables.thresholds, tables.trough_prob)
        sizes.append(len(trough))
        if len(trough):
            prob = prior.dot(tables.threshold_prob)
            prob[lowest_trough] += _NO_TROUGH_PROB * tables.below_prob[above]
            troughs.append(trough)
            probs.append(prob)
    bins = len(tables.f0)
    observed = np.zeros((2 * bins, len(sizes)))
    if troughs:
        trough, prob = np.concatenate(troughs), np.concatenate(probs)
        frame = np.repeat(np.arange(len(sizes)), sizes)
        nonzero = prob != 0
        trough, prob, frame = trough[nonzero], prob[nonzero], frame[nonzero]
        f0 = rate / (tables.periods[0] + trough + _parabolic_shifts(by_frame, frame, trough))
        at = np.clip(np.round(tables.bins_per_octave * np.log2(f0 / lowest)), 0, bins).astype(int)
        _put(observed, at, frame, prob)
    voiced = np.clip(np.sum(observed[:bins], axis=0, keepdims=True), 0, 1)
    observed[bins:] = (1 - voiced) / bins
    return observed


def _normalized_difference(frames: np.ndarray, shortest: int, longest: int) -> np.ndarray:
    """Computes YIN's cumulative mean normalized difference (de Cheveigné & Kawahara 2002, equation 8): [P, F].

    Args:
      frames: [window, F] samples.
      shortest: samples of the shortest period.
      longest: samples of the longest period.
    """
    correlation = librosa.autocorrelate(frames, max_size=longest + 1, axis=-2)
    energy = np.cumsum(np.square(frames[:longest]), axis=0)
    difference = 2 * (correlation[:1] - correlation[1:]) - energy
    mean = np.cumsum(difference, axis=0) / np.arange(1, longest + 1)[:, None]
    return difference[shortest - 1 :] / (mean[shortest - 1 :] + _TINY)


@_compile
def _trough_priors(
    row: np.ndarray, thresholds: np.ndarray, trough_prob: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Finds the troughs of a frame's difference function [P], and their probabilities under each threshold.

    Args:
      row: [P].
      thresholds: [H], rising.
      trough_prob: [N, N + 1].

    Returns:
      (troughs, priors, lowest, above): [N] indices of periods; [N, H]; the index of the lowest of the troughs, and the
      number of thresholds that it does not fall below.
    """
    last, periods = len(row) - 1, np.zeros(len(row), np.int64)
    count = 0
    for p in range(len(row)):
        falls = p == 0 or row[p] < row[p - 1]
        rises = p == last or row[p] <= row[p + 1]
        if (falls and rises) if p else row[0] < row[1]:
            periods[count] = p
            count += 1
    troughs = periods[:count]
    priors, lowest, above = np.zeros((count, len(thresholds))), 0, 0
    for n in range(count):
        if row[troughs[n]] < row[troughs[lowest]]:
            lowest = n
    for h in range(len(thresholds)):
        total = 0
        for n in range(count):
            total += row[troughs[n]] < thresholds[h]
        number = 0
        for n in range(count):
            if row[troughs[n]] < thresholds[h]:
                priors[n, h] = trough_prob[number, total]
                number += 1
        if count and not row[troughs[lowest]] < thresholds[h]:
            above += 1
    return troughs, priors, lowest, above


@_compile
def _parabolic_shifts(rows: np.ndarray, frames: np.ndarray, troughs: np.ndarray) -> np.ndarray:
    """Computes how far, in samples, each trough's parabola has its lowest point from the trough's period.

    Args:
      rows: [F, P].
      frames: [M] indices of frames.
      troughs: [M] indices of periods.
    """
    shifts = np.zeros(len(troughs))
    for m in range(len(troughs)):
        p = troughs[m]
        if 0 < p < rows.shape[1] - 1:
            before, at, after = rows[frames[m], p - 1], rows[frames[m], p], rows[frames[m], p + 1]
            a, b = after + before - 2 * at, (after - before) / 2
            if np.abs(b) < np.abs(a):
                shifts[m] = -b / a
    return shifts


@_compile
def _put(observed: np.ndarray, at: np.ndarray, frames: np.ndarray, prob: np.ndarray) -> None:
    """Sets `observed[at, frames]` [M] one after another: of two periods in a bin the longer one holds."""
    for m in range(len(at)):
        observed[at[m], frames[m]] = prob[m]


@_compile
def _forward(
    log_prob: np.ndarray,
    log_transition: np.ndarray,
    reach: int,
    value: np.ndarray,
    begins: bool,
    origin: np.ndarray,
) -> np.ndarray:
    """Goes forward through frames by the Viterbi algorithm.

    Args:
      log_prob: [F, S].
      log_transition: [S, S], to each state from each.
      reach: bins that a transition of probability above 0 spans.
      value: [S], log-probability of the best path to each state before the first of these frames; where the recording
        begins here, of each state.
      begins: whether the recording begins here.
      origin: [F, S] uint16, receives the state before each state.

    Returns:
      [S], log-probability of the best path to each state in the last of these frames.
    """
    states = len(value)
    bins = states // 2
    impossible = log_transition.min()
    new = np.empty_like(value)
    for f in range(len(log_prob)):
        if begins and f == 0:
            value = log_prob[0] + value
            continue
        # No state out of reach can do better than this.
        upper_bound = value.max() + impossible
        for j in range(states):
            b = j % bins
            low, stop = max(0, b - reach), min(bins, b + reach + 1)
            best, at = -np.inf, 0
            for half in (0, bins):
                for k in range(half + low, half + stop):
                    total = value[k] + log_transition[j, k]
                    if total > best:
                        best, at = total, k
            if not best > upper_bound:
                best = -np.inf
                for k in range(states):
                    total = value[k] + log_transition[j, k]
                    if total > best:
                        best, at = total, k
            origin[f, j] = at
            new[j] = log_prob[f, j] + best
        value, new = new, value
    return value.copy()


@_compile
def _backtrace(origin: np.ndarray, state: int) -> np.ndarray:
    """Follows the best path back from its last state: [F] int64.

    Args:
      origin: [F, S], the state before each state.
      state: the last one.
    """
    path = np.empty(len(origin), np.int64)
    for f in range(len(origin) - 1, -1, -1):
        path[f] = state
        state = origin[f, state]
    return path
