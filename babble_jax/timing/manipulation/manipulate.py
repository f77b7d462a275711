"""Applies manipulations to a dialogue, one after the other.

Axes: N IPUs.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions
from babble_jax.timing.manipulation.dialogue import Edit
from babble_jax.timing.manipulation.gaps import scale_gaps, shift_gaps
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.timing.manipulation.overlaps import add_overlaps, remove_overlaps, shift_offsets
from babble_jax.timing.manipulation.rate import set_backchannels
from babble_jax.timing.manipulation.swap import swap_offsets
from babble_jax.timing.preset import load_timing


@dataclasses.dataclass(frozen=True, eq=False)
class ManipulatedDialogue:
    """A dialogue after manipulations.

    Attributes:
      dialogue: the result.
      number: [N] int32, the number of each IPU among those of its speaker in the dialogue before, from 0; new ones
        are numbered after them. An IPU keeps its number whatever is left out or moved.
      steps: the manipulations in order: `manipulation`, `value` and the `report` of the edit.
    """

    dialogue: Conversation
    number: np.ndarray
    steps: tuple[dict[str, Any], ...]


def manipulate(
    dialogue: Conversation, manipulations: Manipulations, seed: int, definitions: Definitions
) -> ManipulatedDialogue:
    """Applies manipulations, each to the result of the one before it.

    Args:
      dialogue: of IPUs, as `make_ipu_dialogue` returns it.
      manipulations: to apply.
      seed: of those that draw; each one draws by itself.
      definitions: of the events.

    Raises:
      BabbleError: a manipulation is impossible in this dialogue.
    """
    values = manipulations.to_json()
    number = number_ipus(dialogue)
    next_number = np.bincount(dialogue.speaker, minlength=len(dialogue.speakers))
    steps = []
    for position, (name, apply) in enumerate(_APPLY.items()):
        if name not in values:
            continue
        value = values[name]
        edit = apply(dialogue, value, [seed, position], definitions)
        number = np.where(edit.source >= 0, number[edit.source], -1)
        for row in np.flatnonzero(number < 0):
            who = edit.dialogue.speaker[row]
            number[row] = next_number[who]
            next_number[who] += 1
        steps.append({"manipulation": name, "value": value, **edit.report(len(dialogue.onset))})
        dialogue = edit.dialogue
    return ManipulatedDialogue(dialogue, number.astype(np.int32), tuple(steps))


def number_ipus(dialogue: Conversation) -> np.ndarray:
    """Counts the earlier IPUs of the same speaker before each row: [N] int32."""
    number = np.zeros(len(dialogue.speaker), np.int32)
    for who in range(len(dialogue.speakers)):
        own = dialogue.speaker == who
        number[own] = np.arange(np.count_nonzero(own))
    return number


def step_text(step: dict[str, Any]) -> str:
    """Describes one of `ManipulatedDialogue.steps` in a sentence for a terminal."""
    name = f"{step['manipulation']} {step['value']}"
    if not (step["transfers"] or step["left_out"] or step["added"]):
        return f"{name}: nothing was changed, since there is no floor transfer that it concerns"
    text = f"{name}: {step['transfers']} floor transfers asked to change"
    if step["clipped"]:
        text += f", {len(step['clipped'])} of them only as far as possible"
    if step["left_out"] or step["added"]:
        text += f", {step['left_out']} IPUs left out, {step['added']} added"
    return text


# In the order of application: who speaks when first, then how far apart.
_APPLY: dict[str, Callable[[Conversation, Any, Sequence[int], Definitions], Edit]] = {
    "swap_offsets": lambda dialogue, value, seed, d: swap_offsets(
        dialogue, load_timing(value).models["ipu"], seed, d
    ),
    "remove_overlaps": lambda dialogue, value, seed, d: remove_overlaps(dialogue, d),
    "add_overlaps": add_overlaps,
    "backchannels": set_backchannels,
    "scale_gaps": lambda dialogue, value, seed, d: scale_gaps(dialogue, value, d),
    "shift_offsets": lambda dialogue, value, seed, d: shift_offsets(dialogue, value, d),
    "shift_gaps": lambda dialogue, value, seed, d: shift_gaps(dialogue, value, d),
}
