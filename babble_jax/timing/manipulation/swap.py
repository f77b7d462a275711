"""Swaps in the timing of another corpus, language or speaker for the same IPUs, in dialogues of two.

Axes: M floor transfers.
"""

import bisect
import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.distributions.model import TimingModel
from babble_jax.timing.events import Definitions
from babble_jax.timing.manipulation.dialogue import NANOSECONDS, Edit
from babble_jax.timing.manipulation.moves import find_transfers, move_transfers

_POINTS = np.sinh(np.linspace(-np.arcsinh(20), np.arcsinh(20), 20001))  # seconds, dense about 0


def swap_offsets(
    dialogue: Conversation, distribution: TimingModel, seed: int | Sequence[int], definitions: Definitions
) -> Edit:
    """Draws every floor-transfer offset anew; IPUs, pauses and contained IPUs stay as they are.

    As many FTOs are drawn as there are transfers, and dealt out in the order of time: each transfer takes one at
    random of those left that are possible there (see `moves`). So the dialogue's FTOs are those drawn, but for
    the deepest overlaps, which are possible at few transfers; where none is possible any more, a transfer comes
    as early as it can and is reported. Independent draws from the distribution truncated to what is possible
    would be wrong: on Map Task with the distribution of Switchboard they leave 25 % below 0 where the
    distribution has 38 %, dealing leaves 36 %.

    Args:
      dialogue: of two.
      distribution: of the FTOs at level "ipu".
      seed: of the draws and of the dealing.
      definitions: of the events.
    """
    transfers = find_transfers(dialogue, definitions, speakers=2)
    count = len(transfers.row)
    with fixed_numerics(x64=True):
        cdf = np.asarray(distribution.cdf(_POINTS), np.float64)
    rng = np.random.default_rng(seed)
    # One draw from each of `count` equal parts of the distribution: so few FTOs would vary much by chance.
    fto = np.interp((np.arange(count) + rng.random(count)) / max(count, 1), cdf, _POINTS)
    remaining = np.rint(fto * NANOSECONDS).astype(np.int64).tolist()
    rank = rng.random(count)

    def choose_change(transfer: int, least: int) -> int:
        current = int(transfers.fto[transfer])
        first = bisect.bisect_left(remaining, current + least)
        index = first + int(rank[transfer] * (len(remaining) - first))
        return remaining.pop(min(index, len(remaining) - 1)) - current

    unchanged = np.zeros(count, np.int64)
    edit = move_transfers(dialogue, definitions, transfers, unchanged, choose_change=choose_change)
    return dataclasses.replace(edit, transfers=count)
