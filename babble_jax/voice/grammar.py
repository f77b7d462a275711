"""What follows what in the speech that a voice was trained on: strings of acoustic units, drawn anew.

Axes: N runs of a unit, P pauses, K intervals of activity, F frames of 10 ms.

A trigram of units with their durations: a walk through the recorded strings that, after each run, goes on behind any
place at which the same two units stand, each with the same chance. It says how long a sound lasts and what may come
next, which a model of raw audio, with its memory of a few hundred milliseconds, keeps losing.
"""

import dataclasses
import functools
from collections.abc import Iterator

import numpy as np

from babble_jax.audio.units import HOP

_WALKS = 24  # that a phrase is chosen from


@dataclasses.dataclass(frozen=True, eq=False)
class Grammar:
    """Of one speaker.

    Attributes:
      units: [N] int64, a unit for each run, phrase after phrase.
      frames: [N] int64, how many frames each run lasts.
      last: [N] bool, whether a phrase ends with it.
      pauses: [P] float64 seconds, silences between phrases.
      silence: the unit of silence.
    """

    units: np.ndarray
    frames: np.ndarray
    last: np.ndarray
    pauses: np.ndarray
    silence: int

    @functools.cached_property
    def _first(self) -> np.ndarray:
        """Where phrases begin."""
        return np.flatnonzero(np.concatenate([[True], self.last[:-1]]))

    @functools.cached_property
    def _places(self) -> dict[tuple[int, int], np.ndarray]:
        """Where each pair of units stands: index of the second, inside of a phrase."""
        inside = np.flatnonzero(~np.concatenate([[True], self.last[:-1]]))
        found: dict[tuple[int, int], list[int]] = {}
        for i in inside.tolist():
            found.setdefault((int(self.units[i - 1]), int(self.units[i])), []).append(i)
        return {pair: np.array(places) for pair, places in found.items()}

    @functools.cached_property
    def _phrases(self) -> np.ndarray:
        """Seconds that each phrase lasts."""
        return np.add.reduceat(self.frames, self._first) * HOP

    def walk(self, draws: np.random.Generator, endless: bool = False) -> Iterator[tuple[int, int]]:
        """Runs (unit, frames) of a new phrase, or of speech without end."""
        at = begun = int(draws.choice(self._first))
        while True:
            yield int(self.units[at]), int(self.frames[at])
            if at != begun:
                places = self._places[int(self.units[at - 1]), int(self.units[at])]
                if endless and not self.last[places].all():
                    places = places[~self.last[places]]
                at = int(draws.choice(places))
            if not self.last[at]:
                at += 1
            elif endless:
                at = begun = int(draws.choice(self._first))
            else:
                return

    def phrase(self, draws: np.random.Generator, frames: int) -> np.ndarray:
        """A phrase of exactly so many frames, [F] int64.

        Of a few walks the one whose length is nearest, stretched or pressed to fit; walks in a row, where it is to be
        longer than any phrase.
        """
        best: list[tuple[int, int]] = []
        missing = frames
        for _ in range(_WALKS):
            runs: list[tuple[int, int]] = []
            while (length := sum(n for _, n in runs)) < frames / 2:
                runs += self.walk(draws)
            if not best or abs(length - frames) < missing:
                best, missing = runs, abs(length - frames)
        units, lengths = np.array(best, np.int64).T
        line = np.repeat(units, lengths)
        return line[((np.arange(frames) + 0.5) * len(line) / frames).astype(np.int64)]

    def pattern(self, draws: np.random.Generator, seconds: float) -> np.ndarray:
        """When to speak and when to pause in so many seconds, as the recordings do: [K, 2] seconds."""
        intervals, now = [], float(draws.choice(self.pauses)) / 2
        while now < seconds:
            end = now + float(draws.choice(self._phrases))
            intervals.append((now, min(end, seconds)))
            now = end + float(draws.choice(self.pauses))
        return np.array(intervals, np.float64).reshape(-1, 2)
