"""Draws the units that the prenet leaves out, by NumPy, equal to the bit to those of `layers.randomness`.

Axes: S steps, C units of a layer.
"""

from typing import NamedTuple

import numpy as np

from babble_jax.tacotron.layers.decoder import PRENET
from babble_jax.tacotron.layers.prenet import DROPOUT
from babble_jax.tacotron.layers.randomness import RESOLUTION
from babble_jax.tacotron.models.network import DECODER
from babble_jax.voice.sampling.threefry import threefry2x32

_BLOCK = 32  # steps for which masks are drawn at once
_ZERO = np.zeros((), np.uint32)


class PrenetMasks(NamedTuple):
    """Masks of the prenet: a value.

    Attributes:
      key: [2] uint32, of the utterance.
      first: first step of the block.
      blocks: [S, C] bool of each layer, units that are left out.
    """

    key: np.ndarray
    first: int
    blocks: tuple[np.ndarray, ...]

    def at(self, step: int) -> "PrenetMasks":
        """Makes the masks of the block that a step is in."""
        first = step - step % _BLOCK
        return self if first == self.first else draw_masks(self.key, [b.shape[1] for b in self.blocks], first)

    def of(self, step: int) -> tuple[np.ndarray, ...]:
        """Returns the masks [C] of a step of this block, one for each layer."""
        return tuple(block[step - self.first] for block in self.blocks)


def fold_in(key: np.ndarray, number: int | np.ndarray) -> np.ndarray:
    """Folds a number, or each of some, into a key, as `jax.random.fold_in` does.

    Args:
      key: [2] uint32.
      number: from 0 to 2**32 - 1.

    Returns:
      [..., 2] uint32.
    """
    return np.stack(threefry2x32(key, _ZERO, np.asarray(number, np.uint32)), axis=-1)


def draw_masks(key: np.ndarray, units: list[int], first: int = 0) -> PrenetMasks:
    """Draws the masks of a block of steps.

    Args:
      key: [2] uint32, of the utterance, as `Synthesizer.step` takes it.
      units: of the layers.
      first: first step of the block.
    """
    with np.errstate(over="ignore"):  # hashes wrap around
        layers = fold_in(fold_in(key, DECODER), PRENET)
        blocks = []
        for number, count in enumerate(units):
            steps = fold_in(fold_in(layers, number), first + np.arange(_BLOCK))
            x, y = threefry2x32(steps[:, None], _ZERO, np.arange(count, dtype=np.uint32))
            blocks.append((x ^ y).astype(np.uint16) < np.uint16(round(DROPOUT * RESOLUTION)))
    return PrenetMasks(key, first, tuple(blocks))
