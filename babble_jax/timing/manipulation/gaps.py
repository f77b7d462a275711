"""Manipulates gaps by maps of time, so that all but mutual silences between speakers keeps its timing.

Axes: M floor transfers. A gap is a floor transfer without overlap, 0 s included, at level "ipu": mutual silence
after which another speaker goes on. Any number of speakers.
"""

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions
from babble_jax.timing.manipulation.dialogue import Edit, to_nanoseconds
from babble_jax.timing.manipulation.moves import find_transfers, move_transfers


def shift_gaps(dialogue: Conversation, seconds: float, definitions: Definitions) -> Edit:
    """Makes every gap longer by `seconds`, or shorter by as much of them as it has.

    A map of time: silence is inserted at the end of each gap, or taken out of it, and all that follows moves.
    Every IPU, pause, overlap and contained IPU keeps its relative timing; the dialogue becomes longer or
    shorter. `shift_gaps(0)` is the identity; where nothing was clipped, `shift_gaps(-seconds)` undoes it, and
    shifts add up. A gap is clipped where it is closed, or where an own silence that it lies in falls to
    `merge` (see `moves`).

    Args:
      dialogue: of IPUs, as `make_ipu_dialogue` returns it.
      seconds: added to each gap.
      definitions: of the events.
    """
    transfers = find_transfers(dialogue, definitions)
    requested = np.where(transfers.gap, to_nanoseconds(seconds), 0)
    return move_transfers(
        dialogue, definitions, transfers, requested, np.where(transfers.gap, -transfers.fto, 0)
    )


def scale_gaps(dialogue: Conversation, factor: float, definitions: Definitions) -> Edit:
    """Multiplies the gaps' distances from their median by `factor`: 0 makes all gaps equal, 1 is the identity.

    A map of time like `shift_gaps`, with the same clips. The median stays, so that `scale_gaps(1 / factor)`
    undoes it to 1 / factor nanoseconds where nothing was clipped.

    Args:
      dialogue: of IPUs, as `make_ipu_dialogue` returns it.
      factor: 0 or more.
      definitions: of the events.
    """
    transfers = find_transfers(dialogue, definitions)
    if not np.any(transfers.gap):
        return move_transfers(dialogue, definitions, transfers, np.zeros(len(transfers.row), np.int64))
    median = np.median(transfers.fto[transfers.gap])
    change = np.rint((factor - 1) * (transfers.fto - median))
    requested = np.where(transfers.gap, change, 0).astype(np.int64)
    return move_transfers(
        dialogue, definitions, transfers, requested, np.where(transfers.gap, -transfers.fto, 0)
    )
