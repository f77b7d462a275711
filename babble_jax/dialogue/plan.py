"""When each IPU of a dialogue comes: drawn from a floor, or replayed from a real conversation; then manipulated.

Axes: N IPUs, in the order of the sweep (onset, offset, speaker).
"""

import dataclasses
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.render import LEAST_SILENCE, SHORTEST_IPU
from babble_jax.errors import BabbleError
from babble_jax.files import sha256
from babble_jax.timing.events import Definitions, summary
from babble_jax.timing.manipulation.dialogue import dialogue_of, excerpt
from babble_jax.timing.manipulation.manipulate import manipulate, numbers
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.timing.preset import Preset
from babble_jax.voice.babbler import stream_keys

AUDIO = "dialogue.wav"

_PLAN = 2**32 - 1  # the timing's place in the path of keys, where a speaker's number would stand


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """A dialogue to be rendered, and the conversations to put it beside.

    Attributes:
      dialogue: its IPUs.
      number: [N] int32, the number of each IPU among its speaker's before any manipulation: it names the IPU's
        babble.
      definitions: of the events.
      name: of the conversations to put it beside.
      reference: their table, as `events.summary` gives it.
      density: of their floor-transfer offsets, per second, at an array of seconds; None where no law is known.
      record: what the manifest says of the timing.
    """

    dialogue: Conversation
    number: np.ndarray
    definitions: Definitions
    name: str
    reference: dict[str, Any]
    density: Callable[[np.ndarray], np.ndarray] | None
    record: dict[str, Any]


def drawn(preset: Preset, seconds: float, seed: int, item: int = 0) -> Plan:
    """A dialogue drawn from the preset.

    Raises:
      BabbleError: the preset draws none of two, or one of IPUs that cannot be rendered.
    """
    if preset.floor is None:
        raise BabbleError(
            f"The timing preset {preset.name} knows no floor for two; fit one on conversations of two."
        )
    definitions = preset.floor.definitions
    _check(definitions, f"The timing preset {preset.name}", "fit one")
    if not (math.isfinite(seconds) and seconds > 0):
        raise BabbleError(f"A dialogue lasts more than 0 s, not {seconds:g}; ask for 60, say.")
    plan_seed = _seed(seed, item)
    dialogue = preset.dialogues(plan_seed, 1, seconds)[0]
    model = preset.models["ipu"]

    def density(offset: np.ndarray) -> np.ndarray:
        with jax.enable_x64(True):
            return np.exp(np.asarray(model.log_prob(offset)))

    dialogue = _named(dialogue_of(dialogue, definitions))
    record = {"preset": preset.name, "plan_seed": plan_seed}
    return Plan(dialogue, numbers(dialogue), definitions, preset.name, preset.reference, density, record)


def select_conversation(conversations: Sequence[Conversation], id: str | None) -> Conversation:
    """The conversation to replay, of all that were read.

    Raises:
      BabbleError: there are several and `id` names none of them, or more than one.
    """
    found = [conversation for conversation in conversations if id in (None, conversation.id)]
    if len(found) != 1:
        known = ", ".join(conversation.id for conversation in conversations[:5])
        more = f" and {len(conversations) - 5} more" if len(conversations) > 5 else ""
        raise BabbleError(
            f"{len(found)} conversations to replay{'' if id is None else f' have the id {id!r}'}; name one of: "
            f"{known}{more}."
        )
    return found[0]


def replayed(
    conversation: Conversation,
    start: float | None,
    seconds: float,
    definitions: Definitions | None = None,
    sources: Sequence[str | os.PathLike] = (),
) -> Plan:
    """The timing of a stretch of a real conversation.

    Args:
      conversation: of two speakers.
      start: seconds of the recording; None for where observation begins.
      seconds: length of the stretch; it ends earlier where observation does.
      definitions: of the IPUs; the standard ones where absent.
      sources: files that it was read from, for the manifest.

    Raises:
      BabbleError: not two speakers, or nothing was observed there.
    """
    if len(conversation.speakers) != 2:
        raise BabbleError(
            f"{conversation.id} has {len(conversation.speakers)} speakers; only a conversation of two is replayed."
        )
    definitions = definitions or Definitions()
    _check(definitions, f"The replay of {conversation.id}", "replay it")
    dialogue, cut = excerpt(conversation, definitions, start, seconds)
    replay = {
        "conversation": conversation.id,
        "corpus": conversation.corpus,
        "files": {Path(path).name: sha256(path) for path in sources},
        "start": float(conversation.windows[0, 0]) if start is None else start,
        "seconds": dialogue.seconds,
        "ipus": len(dialogue.onset),
        "ipus_cut_by_the_edges_and_left_out": cut,
        "definitions": dataclasses.asdict(definitions),
    }
    name = f"{conversation.corpus} {conversation.id}".strip()
    reference = summary([dialogue], definitions)
    dialogue = _named(dialogue)
    return Plan(dialogue, numbers(dialogue), definitions, name, reference, None, {"replay": replay})


def manipulated(plan: Plan, asked: Manipulations, seed: int, item: int = 0) -> Plan:
    """The plan with another timing; what was asked for and what was possible go into its record.

    Raises:
      BabbleError: what is asked for is impossible in this dialogue.
    """
    result = manipulate(plan.dialogue, asked, _seed(seed, item), plan.definitions)
    record = {**plan.record, "manipulations": list(result.steps)}
    return dataclasses.replace(plan, dialogue=result.dialogue, number=result.number, record=record)


def _named(dialogue: Conversation) -> Conversation:
    """As the files are called, so that readers of any of them find the same conversation."""
    return dataclasses.replace(dialogue, id=Path(AUDIO).stem, group=Path(AUDIO).stem)


def _check(definitions: Definitions, what: str, remedy: str) -> None:
    if definitions.merge < LEAST_SILENCE or definitions.min_ipu < SHORTEST_IPU:
        raise BabbleError(
            f"{what} parts IPUs at {definitions.merge:g} s of silence and keeps those of "
            f"{definitions.min_ipu:g} s; {remedy} with {LEAST_SILENCE:g} s and {SHORTEST_IPU:g} s at least."
        )


def _seed(seed: int, item: int) -> int:
    high, low = stream_keys(seed, item, _PLAN, count=1)[0].tolist()
    return high << 32 | low
