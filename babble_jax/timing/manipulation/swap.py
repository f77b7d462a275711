"""Another corpus's, language's or speaker's timing for the same IPUs, in dialogues of two.

Axes: M floor transfers.
"""

import bisect
import dataclasses
from collections.abc import Sequence

import jax
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.distributions.model import TimingModel
from babble_jax.timing.events import Definitions
from babble_jax.timing.manipulation.dialogue import NANOSECONDS, Edit
from babble_jax.timing.manipulation.moves import chain, move

_GRID = np.sinh(np.linspace(-np.arcsinh(20), np.arcsinh(20), 20001))  # seconds, dense about 0


def swap_offsets(
    dialogue: Conversation, law: TimingModel, seed: int | Sequence[int], definitions: Definitions
) -> Edit:
    """Every floor-transfer offset drawn anew from `law`; IPUs, pauses and contained IPUs stay as they are.

    As many offsets are drawn as there are transfers, and dealt out in the order of time: each transfer takes
    one at random of those left that are possible there (see `moves`). So the dialogue's offsets are those
    drawn, but for the deepest overlaps, which fit few places; where none is possible any more, a transfer
    comes as early as it can and is reported. Independent draws from the law truncated to what is possible
    would be wrong: on Map Task with the law of Switchboard they leave 25 % below 0 where the law has 38 %,
    dealing leaves 36 %.

    Args:
      dialogue: of two.
      law: of the offsets at level "ipu".
      seed: of the draws and of the dealing.
      definitions: of the events.
    """
    links = chain(dialogue, definitions, speakers=2)
    count = len(links.row)
    with jax.enable_x64(True):
        cdf = np.asarray(law.cdf(_GRID), np.float64)
    rng = np.random.default_rng(seed)
    # One draw from each of `count` equal parts of the law: so few offsets would vary much by chance.
    drawn = np.interp((np.arange(count) + rng.random(count)) / max(count, 1), cdf, _GRID)
    left = np.rint(drawn * NANOSECONDS).astype(np.int64).tolist()
    rank = rng.random(count)

    def choose(transfer: int, least: int) -> int:
        offset = int(links.fto[transfer])
        first = bisect.bisect_left(left, offset + least)
        return left.pop(min(first + int(rank[transfer] * (len(left) - first)), len(left) - 1)) - offset

    edit = move(dialogue, definitions, links, np.zeros(count, np.int64), choose=choose)
    return dataclasses.replace(edit, transfers=count)
