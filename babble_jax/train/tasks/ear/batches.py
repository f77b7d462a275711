"""Batches of pieces of about the same length, in a few shapes, as a pure function of their number.

Axes: B streams, F mel frames, M bands, S steps, L symbols.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from babble_jax.ear.config import EarConfig
from babble_jax.train.tasks.ear.equalizing import PLACES, equalize_bands
from babble_jax.train.tasks.ear.noising import RANGE_DB, add_noise
from babble_jax.train.tasks.ear.pieces import EarPiece
from babble_jax.train.tasks.ear.stored_features import StoredFeatures
from babble_jax.train.tasks.ear.warping import warp_bands
from babble_jax.train.tasks.labelled.passes import group_by_length, length_quantiles, plan_pass

SHAPES = 6
"""Different lengths of batches at most, each of which is compiled."""
_ROUND = 20  # frames, to a multiple of which lengths are rounded up


class Changes(NamedTuple):
    """How the features of N pieces are changed in an update; what is None is left as it is.

    Attributes:
      stretch: [N] factor in time of each piece.
      warp: [N] factor in frequency.
      gains: [N, K] dB of the curve that is added.
      noise: [N, 3] of the noise that is added: ratio of speech to it in dB, below a half where it is even, and which
        part of it.
    """

    stretch: np.ndarray | None = None
    warp: np.ndarray | None = None
    gains: np.ndarray | None = None
    noise: np.ndarray | None = None


class EarBatches:
    """Makes the batches of pieces.

    A batch holds `features` [B, F, M] float16, `lengths` [B] int32 frames, `ids` [B, L] int32 (0 after the last),
    `id_counts` [B] int32, and `targets` [B, S] int32, the symbol of each step or -1.

    Args:
      pieces: of the split.
      stored: features of their recordings.
      config: of the ear.
      batch_size: B, of all processes.
      seed: of the order and of the changes.
      tempo: pieces are stretched in time by a factor from 1 - tempo to 1 + tempo.
      warp: pieces are warped in frequency by a factor from 1 - warp to 1 + warp.
      equalize: deviation in dB of the curve over the bands that is added to a piece.
      noise: noise is added to a piece, at a ratio in dB from this on; None adds none.
    """

    def __init__(
        self,
        pieces: Sequence[EarPiece],
        stored: StoredFeatures,
        config: EarConfig,
        batch_size: int,
        seed: int = 0,
        tempo: float = 0.0,
        warp: float = 0.0,
        equalize: float = 0.0,
        noise: float | None = None,
    ):
        self._pieces, self._stored, self._config = list(pieces), stored, config
        self._batch_size, self._seed, self._tempo = batch_size, seed, tempo
        self._warp, self._equalize, self._noise = warp, equalize, noise
        self._frames = np.array([piece.frames for piece in pieces], np.int64)
        self._counts = np.array([len(piece.ids) for piece in pieces], np.int64)
        self._limits = self._find_limits()
        self._pass: tuple[int, np.ndarray, list[np.ndarray]] | None = None

    def _find_limits(self) -> np.ndarray:
        """Finds the lengths to which batches are padded, in frames, rising; the last one holds every piece."""
        longest = length_quantiles(self._frames, SHAPES) * (1 + self._tempo)
        return np.unique(np.ceil((longest + 1) / _ROUND).astype(np.int64) * _ROUND)

    @property
    def per_pass(self) -> int:
        """Batches of a pass; the pieces that are left over come in another pass."""
        return max(1, len(self._pieces) // self._batch_size)

    def evaluation(self) -> list[list[int]]:
        """Lists the numbers of the pieces of each batch of an evaluation, in which each piece stands once."""
        return [group.tolist() for group in group_by_length(self._frames, self._batch_size)]

    def plan(self, number: int) -> tuple[np.ndarray, Changes]:
        """Returns the pieces of a batch, and how they are changed.

        Args:
          number: of the batch, from 0 on.
        """
        index, within = divmod(number, self.per_pass)
        if self._pass is None or self._pass[0] != index:
            self._pass = (index, *self._plan_pass(index))
        _, groups, changes = self._pass
        return groups[within], Changes(*(one[groups[within]] for one in changes))

    def _plan_pass(self, index: int) -> tuple[np.ndarray, list[np.ndarray]]:
        """Assigns pieces to the batches of a pass, [batches, B], and draws the changes of each piece."""
        rng = np.random.default_rng((self._seed, index))
        count = len(self._pieces)
        stretch = 1 + self._tempo * rng.uniform(-1, 1, count)
        # from numbers of their own, so that all else is the same with and without them
        warp = 1 + self._warp * np.random.default_rng((self._seed, index, 1)).uniform(-1, 1, count)
        gains = self._equalize * np.random.default_rng((self._seed, index, 2)).normal(size=(count, PLACES))
        changes = [stretch, warp, gains]
        if self._noise is not None:
            draws = np.random.default_rng((self._seed, index, 3)).uniform(size=(count, 3))
            changes.append(draws * [RANGE_DB, 1, 1] + [self._noise, 0, 0])
        return plan_pass(rng, self._frames * stretch, self._batch_size), changes

    def make(self, number: int) -> dict[str, np.ndarray]:
        """Makes a batch of training."""
        return self.gather(*self.plan(number))

    def gather(
        self, numbers: Sequence[int] | np.ndarray, changes: Changes = Changes()
    ) -> dict[str, np.ndarray]:
        """Gathers pieces in a batch of B; streams without a piece are empty.

        Args:
          numbers: of the pieces, B at most.
          changes: of each.
        """
        stretch, warp, gains, noise = changes
        config, size = self._config, self._batch_size
        rows, targets = [], []
        for at, i in enumerate(numbers):
            piece = self._pieces[int(i)]
            factor = 1.0 if stretch is None else float(stretch[at])
            values = self._stored.read(piece.recording, piece.first, piece.first + piece.frames)
            if factor != 1 and piece.fits(config.count_steps(round(len(values) * factor))):
                values = stretch_frames(values, factor)
            else:
                factor = 1.0
            if warp is not None:
                values = warp_bands(values, float(warp[at]), config.sample_rate)
            if gains is not None:
                values = equalize_bands(values, gains[at])
            if noise is not None:
                ratio, even, first = noise[at].tolist()
                values = add_noise(values, ratio, even < 0.5, first, config)
            rows.append(values)
            targets.append(piece.frame_targets(config, config.count_steps(len(values)), factor))
        lengths = np.zeros(size, np.int32)
        lengths[: len(rows)] = [len(values) for values in rows]
        frames = int(self._limits[np.searchsorted(self._limits, lengths.max())])
        steps, symbols = config.count_steps(frames), self._most_symbols(frames)
        batch = {
            "features": np.zeros((size, frames, config.bands), np.float16),
            "lengths": lengths,
            "ids": np.zeros((size, symbols), np.int32),
            "id_counts": np.zeros(size, np.int32),
            "targets": np.full((size, steps), -1, np.int32),
        }
        for at, (i, values, target) in enumerate(zip(numbers, rows, targets, strict=True)):
            ids = self._pieces[int(i)].ids
            batch["features"][at, : len(values)] = values
            batch["ids"][at, : len(ids)] = ids
            batch["id_counts"][at] = len(ids)
            batch["targets"][at, : len(target)] = target
        return batch

    def _most_symbols(self, frames: int) -> int:
        """Returns the most symbols that a piece in a batch of some length may have; the same for each such batch."""
        short = self._frames * (1 - self._tempo) - 1 <= frames
        return max(1, int(self._counts[short].max(initial=1)))


def stretch_frames(values: np.ndarray, factor: float) -> np.ndarray:
    """Stretches features in time, linearly between frames.

    Args:
      values: [F, M].
      factor: of the duration.

    Returns:
      [round(F x factor), M] of the same type.
    """
    count = max(1, round(len(values) * factor))
    at = np.minimum(np.arange(count) / factor, len(values) - 1)
    low = np.floor(at).astype(np.int64)
    high, share = np.minimum(low + 1, len(values) - 1), (at - low)[:, None].astype(np.float32)
    return (values[low] * (1 - share) + values[high] * share).astype(values.dtype)
