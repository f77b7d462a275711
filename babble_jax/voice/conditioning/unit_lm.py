"""What follows what in the speech that a voice was trained on: strings of acoustic units, drawn anew.

Axes: N runs of a unit, P phrases, K intervals of activity, F frames of 10 ms.

A trigram of units with their durations, pitch and level: a walk through the recorded strings that, after each run, goes
on behind any place at which the same two units stand, the likelier the nearer its pitch and its level. It says how long
a sound lasts, what may come next and how melody and stress go, which a model of raw audio, with its memory of a few
hundred milliseconds, keeps losing.
"""

import dataclasses
import functools
from collections.abc import Iterator

import numpy as np

from babble_jax.audio.level import LOWEST
from babble_jax.audio.units import HOP, UnitFrame, UnitSequence

_WALKS, _NEAREST = 24, 5  # that a phrase is chosen from, and of them those whose length is nearest
_PATTERNS = 8  # that one is chosen from
_VOICED, _PITCH = 5.0, 2.5  # weights of a share and of an octave, beside the Hellinger distance of units
_NEAR, _AS_LOUD = 0.1, 6.0  # octaves, dB; a place is 1/e as likely where its pitch, or level, is so far off
_PAUSE = 0.2  # seconds; shorter ones do not part IPUs
_SILENCE = 0.2  # seconds between recordings, where there is but one
_GLIDE, _SWELL = 4, 2  # frames in which the pitch, or level, of a run comes from that of the one before


@dataclasses.dataclass(frozen=True, eq=False)
class UnitLM:
    """Of one speaker.

    Attributes:
      units: [N] int64, a unit for each run, phrase after phrase.
      frames: [N] int64, how many frames each run lasts.
      last: [N] bool, whether a phrase ends with it.
      pitch: [N] float64, octaves above the speaker's median; NaN for a run that is not voiced.
      level: [N] float64, dB of full scale.
      ends: [P] bool, whether a recording ends with the phrase.
      pauses: [P - 1] float64 seconds, silences between phrases.
      silence: the unit of silence.
    """

    units: np.ndarray
    frames: np.ndarray
    last: np.ndarray
    pitch: np.ndarray
    level: np.ndarray
    ends: np.ndarray
    pauses: np.ndarray
    silence: int

    @functools.cached_property
    def _first(self) -> np.ndarray:
        """Where phrases begin."""
        return np.flatnonzero(np.concatenate([[True], self.last[:-1]]))

    @functools.cached_property
    def _contexts(self) -> list[tuple[int, int, bool]]:
        """Of each run: the unit before it, its own, and whether it is voiced."""
        before = np.concatenate([[-1], self.units[:-1]])
        return list(zip(before.tolist(), self.units.tolist(), np.isfinite(self.pitch).tolist(), strict=True))

    @functools.cached_property
    def _places(self) -> dict[tuple[int, int, bool], np.ndarray]:
        """The runs of each context, inside of a phrase."""
        inside = np.flatnonzero(~np.concatenate([[True], self.last[:-1]]))
        found: dict[tuple[int, int, bool], list[int]] = {}
        for i in inside.tolist():
            found.setdefault(self._contexts[i], []).append(i)
        return {context: np.array(places) for context, places in found.items()}

    @functools.cached_property
    def _phrases(self) -> np.ndarray:
        """Seconds that each phrase lasts."""
        return np.add.reduceat(self.frames, self._first) * HOP

    def walk(self, draws: np.random.Generator, endless: bool = False) -> Iterator[int]:
        """Runs (their indices) of a new phrase, or of speech without end."""
        at = begun = int(draws.choice(self._first))
        while True:
            yield at
            if at != begun:
                places = self._places[self._contexts[at]]
                if endless and not self.last[places].all():
                    places = places[~self.last[places]]
                at = self._like(at, places, draws)
            if not self.last[at]:
                at += 1
            elif endless:
                at = begun = int(draws.choice(self._first))
            else:
                return

    def _like(self, at: int, places: np.ndarray, draws: np.random.Generator) -> int:
        """One of some places, about as loud as the run `at` and, if that is voiced, as they are, as high."""
        far = np.abs(self.level[places] - self.level[at]) / _AS_LOUD
        if np.isfinite(self.pitch[at]):
            far += np.abs(self.pitch[places] - self.pitch[at]) / _NEAR
        sums = np.exp(-far).cumsum()  # `at` itself adds 1
        return int(places[sums.searchsorted(draws.random() * sums[-1], side="right")])

    def silent(self, frames: int) -> list[UnitFrame]:
        """So many frames of silence."""
        return [UnitFrame(self.silence, np.nan, LOWEST)] * frames

    def run(self, at: int, before: UnitFrame) -> list[UnitFrame]:
        """The frames of a run, whose pitch and level glide in from those of the frame before, unless it is silent."""
        unit, frames, high, loud = (x[at].item() for x in (self.units, self.frames, self.pitch, self.level))
        pitch = _glide(before.pitch, high, frames, _GLIDE) if np.isfinite(before.pitch) else [high] * frames
        level = _glide(before.level, loud, frames, _SWELL) if before.level > LOWEST else [loud] * frames
        return [UnitFrame(unit, *one) for one in zip(pitch, level, strict=True)]

    def phrase(self, draws: np.random.Generator, frames: int) -> UnitSequence:
        """A phrase of exactly so many frames.

        Of a few walks those whose length is nearest, and of them the most typical, stretched or pressed to fit; walks
        in a row, where it is to be longer than any phrase.
        """
        found: list[list[int]] = []
        for _ in range(_WALKS):
            runs: list[int] = []
            while self.frames[runs].sum() < frames / 2:
                runs += self.walk(draws)
            found.append(runs)
        found.sort(key=lambda runs: abs(int(self.frames[runs].sum()) - frames))
        best = found[medoid(np.stack([self._traits(runs) for runs in found[:_NEAREST]]))]
        made = self.silent(1)
        for at in best:
            made += self.run(at, made[-1])
        index = ((np.arange(frames) + 0.5) * (len(made) - 1) / frames).astype(np.int64)
        return UnitSequence.of(made[1:]).at(index)

    def _traits(self, runs: list[int]) -> np.ndarray:
        """Of a walk: which units it has, how much of it is voiced, how high that is."""
        share = self.frames[runs] / self.frames[runs].sum()
        voiced = np.where(np.isfinite(self.pitch[runs]), share, 0)
        height = np.nansum(voiced * self.pitch[runs]) / max(voiced.sum(), 1e-3)
        units = np.sqrt(np.bincount(self.units[runs], share, minlength=self.units.max() + 1))
        return np.concatenate([units, [_VOICED * voiced.sum(), _PITCH * height]])

    def pattern(self, draws: np.random.Generator, seconds: float) -> np.ndarray:
        """When to speak and when to pause in so many seconds: [K, 2] seconds.

        As recordings do that follow each other in any order: pauses inside of one are shorter and keep together. Of a
        few such patterns the most typical, by how much is spoken, in how many IPUs, with how long pauses: a short
        stretch stands for its speaker, and varies less than recordings do.
        """
        found = [self._pattern(draws, seconds) for _ in range(_PATTERNS)]
        traits = np.array([_timing(one) for one in found])
        return found[medoid(traits / np.maximum(traits.std(axis=0), 1e-9))]

    def _pattern(self, draws: np.random.Generator, seconds: float) -> np.ndarray:
        openings = np.flatnonzero(np.concatenate([[True], self.ends[:-1]]))
        between = self.pauses[self.ends[:-1]]
        if not len(between):
            between = np.array([_SILENCE])
        intervals, now, at = [], float(draws.choice(between)) / 2, int(draws.choice(openings))
        while now < seconds:
            end = now + float(self._phrases[at])
            intervals.append((now, min(end, seconds)))
            if self.ends[at]:
                now, at = end + float(draws.choice(between)), int(draws.choice(openings))
            else:
                now, at = end + float(self.pauses[at]), at + 1
        return np.array(intervals, np.float64).reshape(-1, 2)


def _timing(active: np.ndarray) -> tuple[float, int, float]:
    """Of intervals [K, 2] seconds: how long in all, how many IPUs, the mean pause between these."""
    pauses = active[1:, 0] - active[:-1, 1]
    pauses = pauses[pauses >= _PAUSE]
    return float(np.diff(active, axis=1).sum()), len(pauses) + 1, float(pauses.mean()) if len(pauses) else 0.0


def _glide(before: float, value: float, frames: int, steps: int) -> list[float]:
    """`value`, which so many frames have, the first few of them on the way from `before`; NaN is there at once."""
    way = np.minimum(np.arange(1, frames + 1) / min(steps, frames), 1)
    return (before + (value - before) * way).tolist()


def medoid(traits: np.ndarray) -> int:
    """The one of N rows [N, M] that is nearest to all of them, by the sum of its distances."""
    return int(np.linalg.norm(traits[:, None] - traits, axis=-1).sum(axis=1).argmin())
