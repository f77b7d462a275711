"""Batches for truncated back-propagation: every stream walks through recordings in consecutive subsequences.

The schedule is a pure function of (seed, lengths, batch size, subsequence, passes), so that a step number restores
it, and every process works out all of it and reads only the recordings of its own streams.

Axes: B streams of this process, T samples of a subsequence, N recordings, F samples per frame, C features.
"""

import hashlib
import heapq
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import grain
import numpy as np

from babble_jax.dataset.segment_shuffle import shuffle_segments
from babble_jax.dataset.source import Recordings
from babble_jax.errors import BabbleError

Batch = dict[str, np.ndarray]
_AHEAD = 2  # batches read ahead
_FRAMES_AHEAD = 512  # whose features are computed at once


class LocalFeatures(NamedTuple):
    """Features of the recordings, frame by frame.

    Attributes:
      frame: F; a multiple of it makes a subsequence.
      width: C.
      features: gives those of some frames, [M, C] float32, from the number of the recording, its samples [T] int16, and
        the indices [M] of the frames.
      silence: gives those of silence in recording i, [C] float32.
    """

    frame: int
    width: int
    features: Callable[[int, np.ndarray, np.ndarray], np.ndarray]
    silence: Callable[[int], np.ndarray]


class Visit(NamedTuple):
    """At `step`, `stream` begins recording `recording` (an index into lengths)."""

    step: int
    stream: int
    recording: int


class _Reading:
    """The recording that a stream is in.

    Features are computed some subsequences ahead, and never those of a long recording at once.

    Args:
      visit: its visit.
      audio: [length] int16 samples.
      local: features of the recordings, if any.
      order: [ceil(length / F)] frame of the recording whose features go with each frame, -1 for silence; None where
        each frame has its own.
      loss_mask: [ceil(length / F)], whether the samples of each frame count; None where all do.
      original: [length] int16 samples of the recording, where `audio` is in another order.
    """

    def __init__(
        self,
        visit: Visit,
        audio: np.ndarray,
        local: LocalFeatures | None = None,
        order: np.ndarray | None = None,
        loss_mask: np.ndarray | None = None,
        original: np.ndarray | None = None,
    ):
        self.visit, self.audio = visit, audio
        self._original = audio if original is None else original
        self._local, self._order, self._loss_mask = local, order, loss_mask
        self._first, self._rows = 0, np.zeros((0, local.width if local else 0), np.float32)

    def weight(self, start: int, stop: int) -> np.ndarray | float:
        """Gives 1 for each of the samples `start` to `stop` - 1 that counts and 0 for others; both divisible by F."""
        if self._loss_mask is None or self._local is None:
            return 1.0
        frame = self._local.frame
        return np.repeat(self._loss_mask[start // frame : -(-stop // frame)], frame)[: stop - start]

    def features(self, first: int, stop: int) -> np.ndarray:
        """Gives the features of frames `first` to `stop` - 1, [N, C]; fewer at the end of the recording."""
        assert self._local is not None
        stop = min(stop, -(-len(self.audio) // self._local.frame))
        if first < self._first or stop > self._first + len(self._rows):
            last = min(max(stop, first + _FRAMES_AHEAD), -(-len(self.audio) // self._local.frame))
            self._first, self._rows = first, self._compute(first, last)
        return self._rows[first - self._first : stop - self._first]

    def _compute(self, first: int, stop: int) -> np.ndarray:
        """Computes the features of frames `first` to `stop` - 1, [N, C]."""
        local, recording = self._local, self.visit.recording
        assert local is not None
        if self._order is None:
            return local.features(recording, self._original, np.arange(first, stop))
        order = self._order[first:stop].astype(np.int64)
        rows = np.empty((stop - first, local.width), np.float32)
        spoken = order >= 0
        rows[~spoken] = local.silence(recording)
        if spoken.any():
            rows[spoken] = local.features(recording, self._original, order[spoken])
        return rows


def permutation(seed: int, number: int, count: int) -> np.ndarray:
    """Draws the order of the recordings in a pass.

    It is given by the ranks of raw Philox words: numpy promises that bit generators stay the same from version to
    version, and promises nothing of the kind for `Generator.permutation`.

    Args:
      seed: of all passes.
      number: of the pass, from 0 on.
      count: N recordings.

    Returns:
      [N] int64.
    """
    words = np.random.Philox(np.random.SeedSequence([seed, number])).random_raw(count)
    return np.argsort(words, kind="stable")


def schedule_visits(
    seed: int, lengths: np.ndarray, batch_size: int, subsequence: int, passes: int | None = None
) -> Iterator[Visit]:
    """Lists which stream begins which recording when, ordered by (step, stream).

    A stream that has finished its recording takes the next one of the current pass's permutation in the
    following step; of several that finish together the lowest takes first. Passes follow each other without a
    break. A recording of n samples occupies its stream for ceil(n / subsequence) steps.

    Args:
      seed: of the permutations.
      lengths: [N] samples, each > 0.
      batch_size: streams of all processes together.
      subsequence: samples per step, T.
      passes: passes over the recordings; None for no end.
    """
    steps = [-(-int(length) // subsequence) for length in lengths]
    free = [(0, stream) for stream in range(batch_size)]  # a heap: in order already
    number = 0
    while passes is None or number < passes:
        for recording in permutation(seed, number, len(steps)).tolist():
            step, stream = free[0]
            yield Visit(step, stream, recording)
            heapq.heapreplace(free, (step + steps[recording], stream))
        number += 1


class StreamingBatches(grain.IterDataset[Batch]):
    """Batches as dicts of arrays; axis 0 is the stream, the same stream in every batch.

      pcm [B, T] int16: samples without the gain, zeros in the padding;
      before [B] int16: the sample before the first one, 0 where a recording starts;
      weight [B, T] float32: 1 where there is a sample and its loss mask is true, 0 elsewhere;
      reset [B] bool: true where a recording starts, and in an idle stream;
      speaker [B] int32: index of the speaker, 0 in an idle stream;
      local [B, T / F, C] float32: the features of each frame, zeros in the padding; only where there are some.

    Every sample of every recording comes once per pass; a recording's last subsequence is padded. Where
    passes come to an end, a stream that is left without a recording is idle.

    Args:
      recordings: of a split.
      batch_size: streams of all processes together.
      subsequence: samples per step, T.
      seed: of the order of the recordings.
      passes: passes over the recordings; None for no end.
      process_index: which contiguous share of the streams this process serves.
      process_count: number of processes.
      local: features of the recordings, if any.
      segment_shuffle: share of the visits to recordings in which their segments come in another order
        (`shuffle_segments`); needs features.

    Raises:
      ValueError: the streams cannot be shared out evenly, or a number is out of range.
    """

    def __init__(
        self,
        recordings: Recordings,
        batch_size: int,
        subsequence: int,
        seed: int,
        passes: int | None = None,
        process_index: int = 0,
        process_count: int = 1,
        local: LocalFeatures | None = None,
        segment_shuffle: float = 0.0,
    ):
        super().__init__()
        if batch_size < 1 or subsequence < 1 or (passes is not None and passes < 1):
            raise ValueError(
                f"batch_size {batch_size}, subsequence {subsequence}, passes {passes}: each must be at least 1"
            )
        if not 0 <= process_index < process_count or batch_size % process_count:
            raise ValueError(
                f"{batch_size} streams cannot be shared out evenly among {process_count} processes"
            )
        if local is not None and subsequence % local.frame:
            raise ValueError(f"a subsequence of {subsequence} samples is no multiple of {local.frame}")
        if not len(recordings) or np.min(recordings.lengths) < 1:
            raise ValueError("there must be recordings, and each must hold a sample")
        if not 0 <= segment_shuffle <= 1 or (segment_shuffle and local is None):
            raise ValueError(
                f"segment_shuffle is {segment_shuffle}: it must be from 0 to 1, and 0 without features"
            )
        self.recordings, self.local, self.segment_shuffle = recordings, local, segment_shuffle
        self.batch_size, self.subsequence, self.passes = batch_size, subsequence, passes
        self._seed = seed  # `seed` is a method of grain's
        share = batch_size // process_count
        self.own = range(process_index * share, (process_index + 1) * share)

    def __iter__(self) -> "StreamingIterator":
        return StreamingIterator(self)

    def visits(self) -> Iterator[Visit]:
        """Lists the schedule of all streams, those of other processes too."""
        return schedule_visits(
            self._seed, self.recordings.lengths, self.batch_size, self.subsequence, self.passes
        )

    def fingerprint(self) -> str:
        """Hashes what the schedule depends on: it tells two schedules apart, and is the same in every process."""
        numbers = [
            self._seed,
            self.batch_size,
            self.subsequence,
            self.passes or 0,
            *self.recordings.lengths.tolist(),
            *([self.segment_shuffle] if self.segment_shuffle else []),
        ]
        return hashlib.sha256(repr(numbers).encode()).hexdigest()[:16]


class StreamingIterator(grain.DatasetIterator[Batch]):
    """Iterates over a `StreamingBatches`; its state is the step, and the schedule's fingerprint."""

    def __init__(self, dataset: StreamingBatches):
        super().__init__()
        self._dataset = dataset
        self._fingerprint = dataset.fingerprint()
        self._readings: dict[int, _Reading] = {}  # by stream
        self._go_to(0)

    def __next__(self) -> Batch:
        self._begin_visits()
        recordings, local, T = self._dataset.recordings, self._dataset.local, self._dataset.subsequence
        if not any(self._left(visit) > 0 for visit in self._visit.values()):
            raise StopIteration
        B = len(self._dataset.own)
        batch = {
            "pcm": np.zeros((B, T), np.int16),
            "before": np.zeros(B, np.int16),
            "weight": np.zeros((B, T), np.float32),
            "reset": np.ones(B, np.bool_),
            "speaker": np.zeros(B, np.int32),
        }
        if local is not None:
            batch["local"] = np.zeros((B, T // local.frame, local.width), np.float32)
        for b, stream in enumerate(self._dataset.own):
            visit = self._visit.get(stream)
            if visit is None or self._left(visit) <= 0:
                self._readings.pop(stream, None)
                continue
            if stream not in self._readings or self._readings[stream].visit != visit:
                self._readings[stream] = self._read(visit)
            reading, start = self._readings[stream], (self._step - visit.step) * T
            samples = reading.audio[start : start + T]
            batch["pcm"][b, : len(samples)] = samples
            batch["weight"][b, : len(samples)] = reading.weight(start, start + len(samples))
            batch["reset"][b] = start == 0
            batch["before"][b] = reading.audio[start - 1] if start else 0
            batch["speaker"][b] = recordings.speakers[visit.recording]
            if local is not None:
                part = reading.features(start // local.frame, (start + T) // local.frame)
                batch["local"][b, : len(part)] = part
        self._step += 1
        return batch

    def _read(self, visit: Visit) -> _Reading:
        """Reads a visit's recording, with shuffled segments where the visit draws so."""
        source = self._dataset
        audio = source.recordings.read(visit.recording)
        if source.local is None or not source.segment_shuffle:
            return _Reading(visit, audio, source.local)
        draws = np.random.default_rng([source._seed, visit.step, visit.stream])
        if draws.random() >= source.segment_shuffle:
            return _Reading(visit, audio, source.local)
        rate = source.recordings.sample_rate
        shuffled, order, loss_mask = shuffle_segments(audio, source.local.frame, rate, draws)
        return _Reading(visit, shuffled, source.local, order, loss_mask, audio)

    def get_state(self) -> dict[str, Any]:
        """Gives the state, small and JSON-able."""
        return {"step": self._step, "schedule": self._fingerprint}

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes to the step of a state by working the schedule out up to it; no recording is read.

        Raises:
          BabbleError: the state belongs to other recordings or settings.
        """
        if state["schedule"] != self._fingerprint:
            raise BabbleError(
                "the checkpoint's place in the data belongs to another dataset, seed, batch size or "
                "subsequence; restore it with the same settings, or start anew."
            )
        self._go_to(int(state["step"]))

    def _go_to(self, step: int) -> None:
        self._step = step
        self._visits = self._dataset.visits()
        self._pending = next(self._visits, None)
        self._visit: dict[int, Visit] = {}  # by stream, of all processes, so that all end in the same step
        self._begin_visits()

    def _begin_visits(self) -> None:
        """Takes up every visit that has begun by this step."""
        pending = self._pending
        while pending is not None and pending.step <= self._step:
            self._visit[pending.stream] = pending
            pending = next(self._visits, None)
        self._pending = pending

    def _left(self, visit: Visit) -> int:
        """Counts the samples of a visit that are still to come at this step."""
        length = int(self._dataset.recordings.lengths[visit.recording])
        return length - (self._step - visit.step) * self._dataset.subsequence


def prefetch_batches(
    recordings: Recordings,
    batch_size: int,
    subsequence: int,
    seed: int,
    passes: int | None = None,
    process_index: int = 0,
    process_count: int = 1,
    local: LocalFeatures | None = None,
    segment_shuffle: float = 0.0,
) -> grain.IterDataset[Batch]:
    """Makes a `StreamingBatches` that a thread reads ahead.

    The state of its iterator is that of the batch that was handed out last, whatever has been read ahead.
    Call the iterator's `close()` when done: it ends the thread, which else complains as Python exits.

    Args:
      recordings: of a split, as `StreamingBatches` takes them and all that follow.
      batch_size: streams of all processes together.
      subsequence: samples per step, T.
      seed: of the order of the recordings.
      passes: passes over the recordings; None for no end.
      process_index: which share of the streams this process serves.
      process_count: number of processes.
      local: features of the recordings, if any.
      segment_shuffle: share of the visits in which segments come in another order.
    """
    streaming = StreamingBatches(
        recordings,
        batch_size,
        subsequence,
        seed,
        passes,
        process_index,
        process_count,
        local,
        segment_shuffle,
    )
    return grain.experimental.ThreadPrefetchIterDataset(streaming, prefetch_buffer_size=_AHEAD)
