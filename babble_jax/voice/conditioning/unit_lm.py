"""A language model of acoustic units: new unit sequences in the manner of recorded ones.

Axes: N runs of a unit, P phrases, K intervals of activity, F frames of 10 ms.

The model is a trigram over runs of units with their durations, pitch and level (dB). It walks through the recorded
runs. After each run it may continue behind any recorded run with the same unit and the same preceding unit, with a
probability that falls with the difference in pitch and level. It thus governs how long a sound lasts, which sound may
follow, and the course of melody and stress, all beyond the few hundred milliseconds that a model of raw audio
remembers.
"""

import dataclasses
import functools
from collections.abc import Iterator

import numpy as np

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import HOP, UnitFrame, UnitSequence

_WALKS, _NEAREST = 24, 5  # walks drawn for a phrase; of them, those nearest in length are candidates
_PATTERNS = 8  # patterns of activity drawn, from which one is selected
_VOICED_WEIGHT, _PITCH_WEIGHT = (
    5.0,
    2.5,
)  # of a voiced share and of an octave, beside the Hellinger distance of units
_PITCH_SCALE, _LEVEL_SCALE = (
    0.1,
    6.0,
)  # octaves and dB over which the probability of a continuation falls to 1/e
_ENDING = 60  # frames of the recorded ending of a walk at another temperature than 1, at most
_LENGTH_SCALE = 5.0  # frames of a wrong length that cost as much as a continuation of probability 1/e
_STORED = 4_000_000  # sums of similarities that are kept, 32 MB
_PAUSE = 0.2  # seconds; shorter silences do not separate IPUs
_SILENCE = 0.2  # seconds between recordings, where there is only one recording
PITCH_GLIDE, LEVEL_GLIDE = (
    4,
    2,
)  # frames in which pitch and level of a run approach their values from the run before


@dataclasses.dataclass(frozen=True, eq=False)
class UnitLM:
    """The unit language model of one speaker.

    Attributes:
      units: [N] int64, unit of each run, phrase after phrase.
      durations: [N] int64, frames of each run.
      ends_phrase: [N] bool, whether the run is the last one of a phrase.
      pitch: [N] float64, octaves above the speaker's median; NaN for an unvoiced run.
      rms_db: [N] float64, dB of full scale.
      ends_recording: [P] bool, whether the phrase is the last one of a recording.
      pauses: [P - 1] float64 seconds, silences between consecutive phrases.
      silence_unit: the unit of silence.
    """

    units: np.ndarray
    durations: np.ndarray
    ends_phrase: np.ndarray
    pitch: np.ndarray
    rms_db: np.ndarray
    ends_recording: np.ndarray
    pauses: np.ndarray
    silence_unit: int

    @functools.cached_property
    def _opens_phrase(self) -> np.ndarray:
        """[N] bool, whether the run is the first one of a phrase."""
        return np.concatenate([[True], self.ends_phrase[:-1]])

    @functools.cached_property
    def _first_runs(self) -> np.ndarray:
        """[P] indices of the first run of each phrase."""
        return np.flatnonzero(self._opens_phrase)

    @functools.cached_property
    def _contexts(self) -> list[tuple[int, int, bool]]:
        """Preceding unit, own unit, and whether it is voiced, of each run."""
        before = np.concatenate([[-1], self.units[:-1]])
        return list(zip(before.tolist(), self.units.tolist(), np.isfinite(self.pitch).tolist(), strict=True))

    @functools.cached_property
    def _runs_by_context(self) -> dict[tuple[int, int, bool], np.ndarray]:
        """Indices of the runs of each context, without the first runs of phrases."""
        inside = np.flatnonzero(~self._opens_phrase)
        groups: dict[tuple[int, int, bool], list[int]] = {}
        for i in inside.tolist():
            groups.setdefault(self._contexts[i], []).append(i)
        return {context: np.array(runs) for context, runs in groups.items()}

    @functools.cached_property
    def _ranks(self) -> np.ndarray:
        """[N] int64, position of each run among those of its context; 0 for the first runs of phrases."""
        ranks = np.zeros(len(self.units), np.int64)
        for runs in self._runs_by_context.values():
            ranks[runs] = np.arange(len(runs))
        return ranks

    @functools.cached_property
    def _most_tabulated(self) -> int:
        """Runs of the largest context of which similarities are stored: smaller ones come first, up to `_STORED`."""
        sizes = np.sort([len(runs) for runs in self._runs_by_context.values()])
        beyond = sizes[np.cumsum(np.square(sizes)) > _STORED]
        return int(beyond[0]) - 1 if len(beyond) else len(self.units)

    @functools.cached_property
    def _stored_sums(self) -> dict[tuple[int, int, bool], np.ndarray]:
        """[M, M] sums of `_similarity_sums` for each of the M runs of a context, as far as they were needed."""
        return {}

    @functools.cached_property
    def _phrase_seconds(self) -> np.ndarray:
        """[P] seconds of each phrase."""
        return np.add.reduceat(self.durations, self._first_runs) * HOP

    @functools.cached_property
    def _continuations(self) -> np.ndarray:
        """[N] int64, the unit of the run after each run; -1 at the end of a phrase."""
        return np.where(self.ends_phrase, -1, np.append(self.units[1:], -1))

    def walk(
        self, draws: np.random.Generator, endless: bool = False, temperature: float = 1.0
    ) -> Iterator[int]:
        """Draws the runs of a new phrase, or of endless speech, and yields their indices in [0, N).

        Args:
          draws: consumed.
          endless: see `next_run`.
          temperature: see `next_run`.
        """
        at: int | None = self.first_run(draws)
        while at is not None:
            yield at
            at = self.next_run(at, draws, endless, temperature)

    def first_run(self, draws: np.random.Generator) -> int:
        """Draws the first run of a new phrase."""
        return int(draws.choice(self._first_runs))

    def next_run(
        self, at: int, draws: np.random.Generator, endless: bool = False, temperature: float = 1.0
    ) -> int | None:
        """Draws the run that follows run `at` on a walk.

        Args:
          at: index of a run.
          draws: consumed.
          endless: whether speech goes on at the end of a phrase, which it then avoids where it can.
          temperature: of the choice of the next unit: a candidate counts times the frequency of its next unit, among
            candidates, to the power of 1 / temperature - 1; 0 takes the most frequent one.

        Returns:
          Index of a run; None at the end of a phrase.
        """
        if not self._opens_phrase[at]:
            context = self._contexts[at]
            candidates = self._runs_by_context[context]
            sums = None
            if endless and not self.ends_phrase[candidates].all():
                candidates = candidates[~self.ends_phrase[candidates]]
            elif temperature == 1 and len(candidates) <= self._most_tabulated:
                table = self._stored_sums.get(context)
                if table is None:
                    table = self._stored_sums[context] = self._similarity_sums(candidates, candidates)
                sums = table[self._ranks[at]]
            if temperature != 1:
                sums = self._tempered_sums(at, candidates, temperature)
            at = self._draw_similar(at, candidates, draws, sums)
        if not self.ends_phrase[at]:
            return at + 1
        return self.first_run(draws) if endless else None

    def _draw_similar(
        self, at: int, candidates: np.ndarray, draws: np.random.Generator, sums: np.ndarray | None = None
    ) -> int:
        """Draws a run, the more probable the nearer its level, and its pitch if voiced, are to those of run `at`.

        Args:
          at: index of a run, one of the candidates.
          candidates: [M] indices of runs of its context.
          draws: consumed.
          sums: [M] of `_similarity_sums`, where they are stored.
        """
        if sums is None:
            sums = self._similarity_sums(at, candidates)
        return int(candidates[sums.searchsorted(draws.random() * sums[-1], side="right")])

    def _similarity_sums(self, at: int | np.ndarray, candidates: np.ndarray) -> np.ndarray:
        """Computes the weights by which `_draw_similar` draws.

        Args:
          at: index of a run, or [K] indices, of the context of the candidates.
          candidates: [M] indices of runs of one context.

        Returns:
          [M] or [K, M] cumulative sums; the weight of the run itself is 1.
        """
        return np.exp(-self._distances(at, candidates)).cumsum(axis=-1)

    def _distances(self, at: int | np.ndarray, candidates: np.ndarray) -> np.ndarray:
        """Computes how far candidates [M] of one context are from run `at` in level and pitch: [M] or [K, M]."""
        distance = np.abs(self.rms_db[candidates] - self.rms_db[at, None]) / _LEVEL_SCALE
        if np.isfinite(self.pitch[candidates[0]]):
            distance += np.abs(self.pitch[candidates] - self.pitch[at, None]) / _PITCH_SCALE
        return distance

    def _tempered_sums(self, at: int, candidates: np.ndarray, temperature: float) -> np.ndarray:
        """Computes the weights of `_similarity_sums` times what `next_run` says of the temperature.

        Frequencies are taken without the weights: the run itself would win, and the walk repeat its recording.

        Args:
          at: index of a run, one of the candidates.
          candidates: [M] indices of runs of its context.
          temperature: see `next_run`.

        Returns:
          [M] cumulative sums.
        """
        weights = np.diff(self._similarity_sums(at, candidates), prepend=0.0)
        _, which = np.unique(self._continuations[candidates], return_inverse=True)
        share = np.bincount(which) / np.bincount(which).max()
        if temperature == 0:
            factor = (share == 1).astype(np.float64)
        else:
            factor = np.exp(np.maximum((1 / temperature - 1) * np.log(share), -700))
        return (weights * factor[which]).cumsum()

    def silence(self, frames: int) -> list[UnitFrame]:
        """Makes frames of silence."""
        return [UnitFrame(self.silence_unit, np.nan, LOWEST_RMS_DB)] * frames

    def run_frames(self, at: int, before: UnitFrame) -> list[UnitFrame]:
        """Makes the frames of run `at`; pitch and level glide from those of the frame before, unless it is silent."""
        unit, frames, pitch, rms_db = (
            x[at].item() for x in (self.units, self.durations, self.pitch, self.rms_db)
        )
        pitches, levels = [pitch] * frames, [rms_db] * frames
        if np.isfinite(before.pitch):
            pitches = _glide(before.pitch, pitch, frames, PITCH_GLIDE)
        if before.rms_db > LOWEST_RMS_DB:
            levels = _glide(before.rms_db, rms_db, frames, LEVEL_GLIDE)
        return [UnitFrame(unit, *values) for values in zip(pitches, levels, strict=True)]

    def draw_phrase(
        self, draws: np.random.Generator, frames: int, rate: float = 1.0, temperature: float = 1.0
    ) -> UnitSequence:
        """Draws a phrase of exactly `frames` frames.

        Of several walks those nearest in length are candidates; the most typical of them (their medoid) is stretched
        or compressed to the length. Where the phrase is to be longer than any recorded one, walks are joined.

        Args:
          draws: consumed.
          frames: F.
          rate: factor on the number of runs that it holds: it is that of a phrase of `rate` x F frames.
          temperature: of the walks, see `next_run`.
        """
        own = frames if rate == 1 else max(1, round(frames * rate))  # frames at the rate of the recordings
        walks: list[list[int]] = []
        for _ in range(_WALKS):
            runs: list[int] = []
            while self.durations[runs].sum() < own / 2:
                runs += self._walk_within(draws, own, temperature)
            walks.append(runs)
        walks.sort(key=lambda runs: abs(int(self.durations[runs].sum()) - own))
        best = walks[medoid(np.stack([self._walk_traits(runs) for runs in walks[:_NEAREST]]))]
        phrase = self.silence(1)
        for at in best:
            phrase += self.run_frames(at, phrase[-1])
        index = ((np.arange(frames) + 0.5) * (len(phrase) - 1) / frames).astype(np.int64)
        return UnitSequence.from_frames(phrase[1:]).take(index)

    def _walk_within(self, draws: np.random.Generator, frames: int, temperature: float) -> list[int]:
        """Walks to the end of a phrase; at another temperature than 1, which moves that end, for about `frames` frames.

        Low temperatures would end phrases after a few runs, and another one begin elsewhere; high ones hardly ever.
        Such a walk goes on for `frames` frames, and its last `_ENDING` frames or fewer are replaced by a recorded
        ending of a phrase, so that the final lengthening and the fall of level and pitch stay.

        Args:
          draws: consumed.
          frames: length of such a walk, about.
          temperature: of the walk.
        """
        if temperature == 1:
            return list(self.walk(draws))
        runs: list[int] = []
        ends: list[int] = []  # frames up to the end of each run
        for at in self.walk(draws, endless=True, temperature=temperature):
            runs.append(at)
            ends.append((ends[-1] if ends else 0) + int(self.durations[at]))
            if ends[-1] >= frames:
                break
        best, behind, ending = np.inf, len(runs) - 1, -1
        for i in range(len(runs) - 1, -1, -1):
            if ending >= 0 and frames - ends[i] > _ENDING:
                break
            candidates = self._endings.get(self._contexts[runs[i]])
            if candidates is not None:
                costs = self._distances(runs[i], candidates)
                costs += np.abs(self._remaining[candidates] - (frames - ends[i])) / _LENGTH_SCALE
                if costs.min() < best:
                    best, behind, ending = costs.min(), i, int(candidates[costs.argmin()])
        if ending < 0:  # no phrase ends near such a context
            return runs
        return [*runs[: behind + 1], *range(ending + 1, ending + 1 + int(self._runs_remaining[ending]))]

    @functools.cached_property
    def _remaining(self) -> np.ndarray:
        """[N] frames from the end of each run to the end of its phrase."""
        ends = np.cumsum(self.durations)
        phrase = np.cumsum(self._opens_phrase) - 1
        return ends[self.ends_phrase][phrase] - ends

    @functools.cached_property
    def _runs_remaining(self) -> np.ndarray:
        """[N] runs behind each run up to the end of its phrase."""
        phrase = np.cumsum(self._opens_phrase) - 1
        return np.flatnonzero(self.ends_phrase)[phrase] - np.arange(len(self.units))

    @functools.cached_property
    def _endings(self) -> dict[tuple[int, int, bool], np.ndarray]:
        """Runs of each context, behind which a recorded phrase goes on for `_ENDING` frames or fewer to its end."""
        inside = {
            context: runs[(self._remaining[runs] > 0) & (self._remaining[runs] <= _ENDING)]
            for context, runs in self._runs_by_context.items()
        }
        return {context: runs for context, runs in inside.items() if len(runs)}

    def _walk_traits(self, runs: list[int]) -> np.ndarray:
        """Describes a walk by the shares of its units, its voiced share, and its mean pitch."""
        share = self.durations[runs] / self.durations[runs].sum()
        voiced = np.where(np.isfinite(self.pitch[runs]), share, 0)
        mean_pitch = np.nansum(voiced * self.pitch[runs]) / max(voiced.sum(), 1e-3)
        units = np.sqrt(np.bincount(self.units[runs], share, minlength=self.units.max() + 1))
        return np.concatenate([units, [_VOICED_WEIGHT * voiced.sum(), _PITCH_WEIGHT * mean_pitch]])

    def draw_activity(self, draws: np.random.Generator, seconds: float) -> np.ndarray:
        """Draws when to speak and when to pause in `seconds` seconds: [K, 2] seconds.

        A pattern is a series of recordings in random order: the pauses inside of a recording are shorter and occur
        together. Of several patterns the most typical one is returned, by the time spoken, the number of IPUs and the
        mean pause: a short stretch stands for its speaker, and varies less than recordings do.
        """
        patterns = [self._draw_pattern(draws, seconds) for _ in range(_PATTERNS)]
        traits = np.array([_pattern_traits(pattern) for pattern in patterns])
        return patterns[medoid(traits / np.maximum(traits.std(axis=0), 1e-9))]

    def _draw_pattern(self, draws: np.random.Generator, seconds: float) -> np.ndarray:
        """Draws one pattern of activity, [K, 2] seconds."""
        openings = np.flatnonzero(np.concatenate([[True], self.ends_recording[:-1]]))
        between = self.pauses[self.ends_recording[:-1]]
        if not len(between):
            between = np.array([_SILENCE])
        intervals, now, at = [], float(draws.choice(between)) / 2, int(draws.choice(openings))
        while now < seconds:
            end = now + float(self._phrase_seconds[at])
            intervals.append((now, min(end, seconds)))
            if self.ends_recording[at]:
                now, at = end + float(draws.choice(between)), int(draws.choice(openings))
            else:
                now, at = end + float(self.pauses[at]), at + 1
        return np.array(intervals, np.float64).reshape(-1, 2)


def _pattern_traits(active: np.ndarray) -> tuple[float, int, float]:
    """Computes seconds of speech, number of IPUs, and mean pause in seconds between them, of intervals [K, 2]."""
    pauses = active[1:, 0] - active[:-1, 1]
    pauses = pauses[pauses >= _PAUSE]
    return float(np.diff(active, axis=1).sum()), len(pauses) + 1, float(pauses.mean()) if len(pauses) else 0.0


def _glide(before: float, value: float, frames: int, steps: int) -> list[float]:
    """Interpolates from `before` to `value` within the first steps of `frames` frames; a NaN `value` holds at once."""
    share = np.minimum(np.arange(1, frames + 1) / min(steps, frames), 1)
    return (before + (value - before) * share).tolist()


def medoid(traits: np.ndarray) -> int:
    """Returns the index of the row of traits [N, M] with the least sum of distances to all rows."""
    return int(np.linalg.norm(traits[:, None] - traits, axis=-1).sum(axis=1).argmin())
