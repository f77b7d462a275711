"""Pieces of labelled recordings: what a batch is made of.

Axes: N symbols, S steps.
"""

import dataclasses

import numpy as np

from babble_jax.dataset.labelled.recording import Labels
from babble_jax.ear.config import EarConfig
from babble_jax.train.tasks.labelled.pieces import EDGE, cut_stretches


@dataclasses.dataclass(frozen=True, eq=False)
class EarPiece:
    """A piece of a recording, with its labels.

    Attributes:
      recording: number of the recording.
      first: mel frame at which it begins.
      frames: number of its mel frames.
      ids: [N] int32 positions of its symbols among those of the ear.
      onset: [N] float64 seconds from its beginning; None without times.
      end: [N] float64 seconds.
    """

    recording: int
    first: int
    frames: int
    ids: np.ndarray
    onset: np.ndarray | None = None
    end: np.ndarray | None = None

    def fits(self, steps: int) -> bool:
        """Returns whether some path of CTC spells the symbols in a number of steps."""
        return len(self.ids) + int(np.sum(self.ids[1:] == self.ids[:-1])) <= steps

    def frame_targets(self, config: EarConfig, steps: int, stretch: float = 1.0) -> np.ndarray:
        """Finds the symbol at the middle of each step.

        Args:
          config: of the ear.
          steps: S.
          stretch: factor by which the piece was stretched in time.

        Returns:
          [S] int32 positions of symbols; -1 where no label stands.
        """
        targets = np.full(steps, -1, np.int32)
        if self.onset is None or self.end is None or not len(self.ids):
            return targets
        middles = config.step_centers(steps) / stretch
        at = np.searchsorted(self.end, middles, "right")
        inside = at < len(self.ids)
        inside[inside] = self.onset[at[inside]] <= middles[inside]
        targets[inside] = self.ids[at[inside]]
        return targets


def cut_recording(
    number: int, labels: Labels, frames: int, config: EarConfig, longest: float
) -> list[EarPiece]:
    """Cuts a recording in its silences into pieces of at most some seconds, as near as its silences allow.

    A silence in which it is cut belongs to both pieces, each having its half.

    Args:
      number: of the recording.
      labels: of the recording.
      frames: its mel frames.
      config: of the ear, which has each of the symbols.
      longest: seconds of a piece; 0 cuts nothing.
    """
    position = {symbol: i for i, symbol in enumerate(config.symbols)}
    ids = np.array([position[symbol] for symbol in labels.symbols], np.int32)
    if labels.onset is None or labels.end is None:
        return [EarPiece(number, 0, frames, ids)]
    onset, end = labels.onset, labels.end
    pieces = []
    for first, stop, inside in cut_stretches(labels.symbols, onset, end, frames, config.hop, longest):
        low, high = first * config.hop, stop * config.hop
        if stop == frames:
            inside = inside | (onset >= high - EDGE)  # labels that end a little after the sound
        times = [np.clip(x[inside], low, max(high, low)) - low for x in (onset, end)]
        pieces.append(EarPiece(number, first, stop - first, ids[inside], *times))
    return pieces
