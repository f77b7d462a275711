"""Manipulations of gaps: maps of time, so that all but mutual silences between speakers keeps its timing.

Axes: M floor transfers. A gap is a floor transfer without overlap, 0 s included, at level "ipu": mutual silence
after which another speaker goes on. Any number of speakers.
"""

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions
from babble_jax.timing.manipulation.dialogue import Edit, nanoseconds
from babble_jax.timing.manipulation.moves import chain, move


def shift_gaps(dialogue: Conversation, seconds: float, definitions: Definitions) -> Edit:
    """Every gap longer by `seconds`, or shorter by as much of them as it has.

    A map of time: silence is inserted at the end of each gap, or taken out of it, and all that follows moves.
    Every IPU, pause, overlap and contained IPU keeps its relative timing; the dialogue becomes longer or
    shorter. `shift_gaps(0)` is the identity; where nothing was clipped, `shift_gaps(-seconds)` undoes it, and
    shifts add up. A gap is clipped where it is closed, or where an own silence that it lies in falls to
    `merge` (see `moves`).
    """
    links = chain(dialogue, definitions)
    asked = np.where(links.gap, nanoseconds(np.array(seconds)), 0)
    return move(dialogue, definitions, links, asked, np.where(links.gap, -links.fto, 0))


def scale_gaps(dialogue: Conversation, factor: float, definitions: Definitions) -> Edit:
    """The gaps' distances from their median times `factor`: 0 makes all gaps equal, 1 is the identity.

    A map of time like `shift_gaps`, with the same clips. The median stays, so that `scale_gaps(1 / factor)`
    undoes it to 1 / factor nanoseconds where nothing was clipped.
    """
    links = chain(dialogue, definitions)
    if not np.any(links.gap):
        return move(dialogue, definitions, links, np.zeros(len(links.row), np.int64))
    middle = np.median(links.fto[links.gap])
    asked = np.where(links.gap, np.rint((factor - 1) * (links.fto - middle)), 0).astype(np.int64)
    return move(dialogue, definitions, links, asked, np.where(links.gap, -links.fto, 0))
