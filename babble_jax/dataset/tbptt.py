"""Batches for truncated back-propagation: every lane walks through recordings in consecutive subsequences.

The schedule is a pure function of (seed, lengths, lanes, subsequence, passes), so that a step number restores
it, and every process works out the whole of it and reads only the recordings of its own lanes.

Axes: B lanes of this process, T samples of a subsequence, N recordings, F samples per frame, C features.
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


class Local(NamedTuple):
    """Features that go with the recordings.

    Attributes:
      frame: F; a multiple of it makes a subsequence.
      width: C.
      of: of recording i, [ceil(length / F), C] float32.
      silence: of silence in recording i, [C] float32.
    """

    frame: int
    width: int
    of: Callable[[int], np.ndarray]
    silence: Callable[[int], np.ndarray]


class Visit(NamedTuple):
    """At `step`, `lane` begins recording `recording` (an index into lengths)."""

    step: int
    lane: int
    recording: int


def permutation(seed: int, number: int, count: int) -> np.ndarray:
    """[count] int64, the order of the recordings in pass `number`.

    The ranks of raw Philox words: numpy promises that bit generators stay the same from version to version,
    and promises nothing of the kind for `Generator.permutation`.
    """
    words = np.random.Philox(np.random.SeedSequence([seed, number])).random_raw(count)
    return np.argsort(words, kind="stable")


def schedule(
    seed: int, lengths: np.ndarray, lanes: int, subsequence: int, passes: int | None = None
) -> Iterator[Visit]:
    """Which lane begins which recording when, ordered by (step, lane).

    A lane that has finished its recording takes the next one of the current pass's permutation in the
    following step; of several that finish together the lowest takes first. Passes follow each other without a
    break. A recording of n samples occupies its lane for ceil(n / subsequence) steps.

    Args:
      seed: of the permutations.
      lengths: [N] samples, each > 0.
      lanes: lanes of all processes together.
      subsequence: samples per step, T.
      passes: passes over the recordings; None for no end.
    """
    steps = [-(-int(length) // subsequence) for length in lengths]
    free = [(0, lane) for lane in range(lanes)]  # a heap: in order already
    number = 0
    while passes is None or number < passes:
        for recording in permutation(seed, number, len(steps)).tolist():
            step, lane = free[0]
            yield Visit(step, lane, recording)
            heapq.heapreplace(free, (step + steps[recording], lane))
        number += 1


class StreamingBatches(grain.IterDataset[Batch]):
    """Batches as dicts of arrays; axis 0 is the lane, the same lane in every batch.

      pcm [B, T] int16: samples without the gain, zeros in the padding;
      weight [B, T] float32: 1 where there is a sample that counts, 0 in the padding;
      reset [B] bool: true where a recording starts, and in an idle lane;
      speaker [B] int32: index of the speaker, 0 in an idle lane;
      local [B, T / F, C] float32: the features of each frame, zeros in the padding; only where there are some.

    Every sample of every recording comes once per pass; a recording's last subsequence is padded. Where
    passes come to an end, a lane that is left without a recording is idle.

    Args:
      recordings: of a split.
      lanes: lanes of all processes together.
      subsequence: samples per step, T.
      seed: of the order of the recordings.
      passes: passes over the recordings; None for no end.
      process_index: which contiguous share of the lanes this process serves.
      process_count: number of processes.
      local: features of the recordings, if any.
      segment_shuffle: share of the visits to recordings in which their pieces come in another order (`shuffle_segments`); needs
        features.

    Raises:
      ValueError: the lanes cannot be shared out evenly, or a number is out of range.
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
        local: Local | None = None,
        segment_shuffle: float = 0.0,
    ):
        super().__init__()
        if batch_size < 1 or subsequence < 1 or (passes is not None and passes < 1):
            raise ValueError(
                f"batch_size {batch_size}, subsequence {subsequence}, passes {passes}: each must be at least 1"
            )
        if not 0 <= process_index < process_count or batch_size % process_count:
            raise ValueError(
                f"{batch_size} lanes cannot be shared out evenly among {process_count} processes"
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
        """The schedule of all lanes."""
        return schedule(self._seed, self.recordings.lengths, self.batch_size, self.subsequence, self.passes)

    def fingerprint(self) -> str:
        """Tells two schedules apart; the same in every process."""
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
    """Where the lanes of a `StreamingBatches` are; its state is the step, and the schedule's fingerprint."""

    def __init__(self, dataset: StreamingBatches):
        super().__init__()
        self._dataset = dataset
        self._fingerprint = dataset.fingerprint()
        # By lane: the recording that is being read, its features, and which of its samples count.
        self._read: dict[int, tuple[Visit, np.ndarray, np.ndarray | None, np.ndarray]] = {}
        self._go_to(0)

    def __next__(self) -> Batch:
        self._assert_not_closed()
        self._begin_visits()
        recordings, local, T = self._dataset.recordings, self._dataset.local, self._dataset.subsequence
        if not any(self._left(visit) > 0 for visit in self._visit.values()):
            raise StopIteration
        B = len(self._dataset.own)
        batch = {
            "pcm": np.zeros((B, T), np.int16),
            "weight": np.zeros((B, T), np.float32),
            "reset": np.ones(B, np.bool_),
            "speaker": np.zeros(B, np.int32),
        }
        if local is not None:
            batch["local"] = np.zeros((B, T // local.frame, local.width), np.float32)
        for row, lane in enumerate(self._dataset.own):
            visit = self._visit.get(lane)
            if visit is None or self._left(visit) <= 0:
                self._read.pop(lane, None)
                continue
            if lane not in self._read or self._read[lane][0] != visit:
                self._read[lane] = (visit, *self._heard(visit))
            _, audio, rows, counted = self._read[lane]
            start = (self._step - visit.step) * T
            piece = audio[start : start + T]
            batch["pcm"][row, : len(piece)] = piece
            batch["weight"][row, : len(piece)] = counted[start : start + T]
            batch["reset"][row] = start == 0
            batch["speaker"][row] = recordings.speakers[visit.recording]
            if local is not None and rows is not None:
                part = rows[start // local.frame : (start + T) // local.frame]
                batch["local"][row, : len(part)] = part
        self._step += 1
        return batch

    def _heard(self, visit: Visit) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
        """A recording as this visit hears it, [length] int16, its features, and which of its samples count."""
        source = self._dataset
        audio = source.recordings.read(visit.recording)
        counted = np.ones(len(audio), bool)
        if source.local is None:
            return audio, None, counted
        rows = source.local.of(visit.recording)
        draws = np.random.default_rng([source._seed, visit.step, visit.lane])
        if draws.random() >= source.segment_shuffle:
            return audio, rows, counted
        silence = source.local.silence(visit.recording)
        return shuffle_segments(
            audio, rows, source.local.frame, source.recordings.sample_rate, silence, draws
        )

    def get_state(self) -> dict[str, Any]:
        """Small and JSON-able."""
        return {"step": self._step, "schedule": self._fingerprint}

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes to a step by working the schedule out up to it; no recording is read.

        Raises:
          BabbleError: the state belongs to other recordings or settings.
        """
        if state["schedule"] != self._fingerprint:
            raise BabbleError(
                "the checkpoint's place in the data belongs to another dataset, seed, number of lanes or "
                "subsequence; restore it with the same settings, or start anew."
            )
        self._go_to(int(state["step"]))

    def _go_to(self, step: int) -> None:
        self._step = step
        self._visits = self._dataset.visits()
        self._pending = next(self._visits, None)
        self._visit: dict[int, Visit] = {}  # by lane, of all processes: so that all end in the same step
        self._begin_visits()

    def _begin_visits(self) -> None:
        """Takes up every visit that has begun by this step."""
        pending = self._pending
        while pending is not None and pending.step <= self._step:
            self._visit[pending.lane] = pending
            pending = next(self._visits, None)
        self._pending = pending

    def _left(self, visit: Visit) -> int:
        """Samples of a visit that are still to come at this step."""
        length = int(self._dataset.recordings.lengths[visit.recording])
        return length - (self._step - visit.step) * self._dataset.subsequence


def batches(
    recordings: Recordings,
    batch_size: int,
    subsequence: int,
    seed: int,
    passes: int | None = None,
    process_index: int = 0,
    process_count: int = 1,
    local: Local | None = None,
    segment_shuffle: float = 0.0,
) -> grain.IterDataset[Batch]:
    """A `StreamingBatches` (see there for the arguments and the batch) read ahead by a thread.

    The state of its iterator is that of the batch that was handed out last, whatever has been read ahead.
    Call the iterator's `close()` when done: it ends the thread, which else complains as Python exits.
    """
    lane_dataset = StreamingBatches(
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
    return grain.experimental.ThreadPrefetchIterDataset(lane_dataset, prefetch_buffer_size=_AHEAD)
