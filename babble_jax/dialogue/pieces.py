"""Draws many dialogues of one length from a preset's floor: how far chance moves their events, and a typical one.

Axes: P pieces (drawn dialogues), R rows of the table of events. Times are seconds.
"""

import dataclasses
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.event_table import ROWS, event_values
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.timing.events import count_events, pool_ftos
from babble_jax.timing.floor.scene import LEAD, cut_scene
from babble_jax.timing.floor.simulator import BURN_IN
from babble_jax.timing.manipulation.dialogue import make_ipu_dialogue
from babble_jax.timing.preset import TimingPreset
from babble_jax.voice.conditioning.unit_lm import medoid
from babble_jax.voice.sampling.native.threads import thread_count

PIECES = 400
"""Pieces that a range is taken from."""
LOWER, UPPER = 0.05, 0.95
"""Quantiles that are the ends of a range."""
TYPICAL = 200
"""Dialogues of which a typical one is chosen."""

FEWEST_PIECES = 40
"""Pieces that a range is taken from where they are long."""
MOST_HOURS = 100.0
"""Hours that are drawn for one purpose: seconds of work."""
CHUNK = 100
"""Dialogues that are drawn side by side; always so many, for which there is one compiled program."""
_SEED = 0  # of the pieces: the range of a preset and a length is the same for every dialogue
_MINUTES = 10.0  # of each dialogue that is pooled


@dataclasses.dataclass(frozen=True, eq=False)
class Pieces:
    """Drawn dialogues of one length.

    Attributes:
      seconds: length of each.
      values: [P, R] float64 of `event_table.ROWS`; NaN where a piece has no floor-transfer offset.
      ftos: [P] arrays of floor-transfer offsets at level ipu, seconds.
    """

    seconds: float
    values: np.ndarray
    ftos: tuple[np.ndarray, ...]

    def quantile(self, q: float) -> dict[str, Any]:
        """Returns the quantile `q` of each row of the table, laid out as `events.events` does."""
        summary: dict[str, Any] = {"per_minute": {}, "seconds_per_minute": {}, "fto": {}}
        for (part, name), column in zip(ROWS, self.values.T, strict=True):
            column = column[np.isfinite(column)]
            summary[part][name] = float(np.quantile(column, q)) if len(column) else None
        summary["fto"]["n"] = float(np.quantile([len(fto) for fto in self.ftos], q))
        return summary

    def density_band(self, bins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the lower and the upper end of the range of histograms of the offsets, per second.

        Args:
          bins: [M + 1] edges of the bins, seconds.

        Returns:
          (low, high): [M] each; zeros where no piece has an offset.
        """
        counts = [np.histogram(fto, bins)[0] / len(fto) / np.diff(bins) for fto in self.ftos if len(fto)] or [
            np.zeros(len(bins) - 1)
        ]
        low, high = np.quantile(counts, (LOWER, UPPER), axis=0)
        return low, high


class _ById:
    """Hashes a preset by identity, and keeps it alive, so that a cache can hold what was drawn from it."""

    def __init__(self, preset: TimingPreset):
        self.preset = preset

    def __hash__(self) -> int:
        return id(self.preset)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.preset is self.preset


def draw_pieces(preset: TimingPreset, seconds: float) -> Pieces:
    """Draws the pieces of a preset, of so many seconds each; always the same ones. It shows no progress."""
    return _draw_pieces(_ById(preset), seconds, PIECES)


@functools.lru_cache(maxsize=4)
def _draw_pieces(key: _ById, seconds: float, most: int) -> Pieces:
    preset = key.preset
    number = min(most, max(_affordable(seconds), FEWEST_PIECES))
    dialogues = _draw_scenes(preset, _SEED, number, seconds, "drawing pieces", shown=False)
    values = np.stack([_values(dialogue, preset) for dialogue in dialogues])
    ftos = tuple(pool_ftos([dialogue], "ipu", preset.definitions).fto for dialogue in dialogues)
    return Pieces(seconds, values, ftos)


def draw_typical(
    preset: TimingPreset, seed: int, number: int, seconds: float
) -> tuple[Conversation, int, int]:
    """Draws dialogues and chooses the most typical one: the medoid of the rows of their tables.

    Each row is divided by its standard deviation over the dialogues; a dialogue without an offset counts as average in
    the rows of the offsets. Dialogues in which somebody never speaks are left out, unless all of them are such.

    Args:
      preset: with a floor.
      seed: 64 bits.
      number: of dialogues; fewer where they would be more than a hundred hours in all.
      seconds: length of each.

    Returns:
      (dialogue, index, number): of IPUs; its number within the seed; how many were drawn.
    """
    number = min(number, max(_affordable(seconds), 1))
    dialogues = _draw_scenes(preset, seed, number, seconds, f"choosing a typical dialogue of {number}")
    voices = [len(np.unique(dialogue.speaker)) for dialogue in dialogues]
    spoken = [index for index, count in enumerate(voices) if count == max(voices)]
    if number == 1:
        return dialogues[0], 0, number
    values = np.stack([_values(dialogues[index], preset) for index in spoken])
    index = spoken[medoid(_standardise(values))]
    return dialogues[index], index, number


def check_pooled_hours(hours: float) -> None:
    """Raises a `BabbleError` where so many hours cannot be drawn to be pooled."""
    if not 0 <= hours <= MOST_HOURS:
        raise BabbleError(f"Hours to pool are from 0 to {MOST_HOURS:g}, not {hours:g}.")


def pool_hours(preset: TimingPreset, hours: float, seed: int) -> dict[str, Any]:
    """Draws dialogues of ten minutes, so many hours in all, and counts their events (`events.count_events`).

    They come in pairs, of people and of people with the opposite effects, so that it averages out who is drawn.

    Args:
      preset: with a floor.
      hours: of dialogue.
      seed: 64 bits.
    """
    floor = preset.require_floor()
    number = max(round(hours * 60 / _MINUTES), 1)
    pairs: list[tuple[Conversation, Conversation]] = []
    with Progress(f"drawing {hours:g} hours of dialogue, without sound", number, "dialogues") as progress:
        for first in range(0, (number + 1) // 2, CHUNK):
            drawings, opposites = (
                floor.draw(seed, range(first, first + CHUNK), 60 * _MINUTES, floor.card.speakers, opposite)
                for opposite in (False, True)
            )
            pairs += zip(drawings, opposites, strict=True)
            progress.update(min(2 * CHUNK, number - 2 * first))
    return count_events([dialogue for pair in pairs for dialogue in pair][:number], preset.definitions)


def _draw_scenes(
    preset: TimingPreset, seed: int, number: int, seconds: float, title: str, shown: bool = True
) -> list[Conversation]:
    """Draws dialogues of IPUs as `TimingPreset.draw_dialogues` does.

    Args:
      preset: with a floor.
      seed: 64 bits.
      number: of dialogues.
      seconds: length of each.
      title: of the progress.
      shown: whether progress is shown.
    """
    floor, definitions = preset.require_floor(), preset.definitions
    if number == 1:
        return [make_ipu_dialogue(preset.draw_dialogues(seed, number, seconds)[0], definitions)]

    def draw_chunk(first: int) -> list[Conversation]:
        drawings = floor.draw(seed, range(first, first + CHUNK), seconds + LEAD, floor.card.speakers)
        return [
            make_ipu_dialogue(cut_scene(drawing, seconds), definitions)
            for drawing in drawings[: number - first]
        ]

    scenes: list[Conversation] = []
    with (
        Progress(title, number, "dialogues", shown=shown) as progress,
        ThreadPoolExecutor(thread_count()) as pool,
    ):
        for chunk in pool.map(draw_chunk, range(0, number, CHUNK)):
            scenes += chunk
            progress.update(len(chunk))
    return scenes


def _affordable(seconds: float) -> int:
    return int(MOST_HOURS * 3600 / (seconds + LEAD + BURN_IN))


def _values(dialogue: Conversation, preset: TimingPreset) -> np.ndarray:
    return event_values(count_events([dialogue], preset.definitions))


def _standardise(values: np.ndarray) -> np.ndarray:
    """Centres the rows of [P, R] and divides them by their spread; NaN becomes the average."""
    finite = np.isfinite(values)
    number = np.maximum(finite.sum(axis=0), 1)
    centred = np.where(finite, values - np.where(finite, values, 0).sum(axis=0) / number, 0)
    return centred / np.maximum(np.sqrt(np.square(centred).sum(axis=0) / number), 1e-9)
