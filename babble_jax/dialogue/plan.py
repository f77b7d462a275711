"""Plans the time of each IPU of a dialogue: draws it from a floor or replays a real conversation, then manipulates it.

Axes: N IPUs, in the order of the sweep (onset, end, speaker).
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
from babble_jax.dialogue.pieces import Pieces, draw_pieces, draw_typical
from babble_jax.dialogue.render import MIN_IPU_SECONDS, MIN_SILENCE_SECONDS
from babble_jax.errors import BabbleError
from babble_jax.files import sha256
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.events import Definitions, count_events
from babble_jax.timing.manipulation.dialogue import cut_excerpt
from babble_jax.timing.manipulation.manipulate import manipulate, number_ipus
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.timing.preset import TimingPreset
from babble_jax.voice.babbler import stream_keys

AUDIO = "dialogue.wav"

MOST_TYPICAL = 2000
"""Dialogues of which the most typical one can be asked for."""

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
      reference: their table, as `events.events` gives it.
      density: of their floor-transfer offsets, per second, at an array of seconds; None where none is fitted.
      record: the timing as the manifest describes it, JSON values.
      preset: the timing that it was drawn from; None for a replay.
    """

    dialogue: Conversation
    number: np.ndarray
    definitions: Definitions
    name: str
    reference: dict[str, Any]
    density: Callable[[np.ndarray], np.ndarray] | None
    record: dict[str, Any]
    preset: TimingPreset | None = None

    def draw_pieces(self) -> Pieces | None:
        """Draws pieces of the plan's length from its preset; None for a replay."""
        return None if self.preset is None else draw_pieces(self.preset, self.dialogue.seconds)


def draw_plan(preset: TimingPreset, seconds: float, seed: int, item: int = 0, typical: int = 1) -> Plan:
    """Draws a dialogue from the floor of a preset.

    Args:
      preset: the timing.
      seconds: length of the dialogue.
      seed: from 0 to 2^32 - 1.
      item: number of the dialogue within a series with one seed.
      typical: number of dialogues that are drawn, of which the most typical one is taken (`pieces.draw_typical`); 1
        takes the first one as it comes.

    Raises:
      BabbleError: the preset has no floor for two, or one of IPUs that cannot be rendered; a number is out of range.
    """
    if not 1 <= typical <= MOST_TYPICAL:
        raise BabbleError(
            f"typical is {str(typical)[:20]}; choose from 1 (the first dialogue drawn) to {MOST_TYPICAL}."
        )
    preset.require_floor(speakers=2)
    definitions = preset.definitions
    _check(definitions, f"The timing preset {preset.name}", "fit one")
    if not (math.isfinite(seconds) and seconds > 0):
        raise BabbleError(f"A dialogue lasts more than 0 s, not {seconds:g}; ask for 60, say.")
    plan_seed = _seed(seed, item)
    dialogue, index, candidates = draw_typical(preset, plan_seed, typical, seconds)
    model = preset.models["ipu"]

    def density(fto: np.ndarray) -> np.ndarray:
        with fixed_numerics(x64=True):
            return np.exp(np.asarray(jax.jit(model.log_prob)(fto)))  # one program, not one for each operation

    dialogue = _rename(dialogue)
    record: dict[str, Any] = {"preset": preset.name, "plan_seed": plan_seed}
    if candidates > 1:
        record["typical"] = {"drawn": candidates, "number": index}
    return Plan(
        dialogue, number_ipus(dialogue), definitions, preset.name, preset.reference, density, record, preset
    )


def name_speakers(plan: Plan, names: Sequence[str]) -> Plan:
    """Gives the speakers of a drawn plan the names of their voices; a replay keeps those of its recording."""
    if plan.preset is None:
        return plan
    return dataclasses.replace(plan, dialogue=dataclasses.replace(plan.dialogue, speakers=tuple(names)))


def select_conversation(conversations: Sequence[Conversation], id: str | None) -> Conversation:
    """Selects the conversation to replay, of all that were read.

    Raises:
      BabbleError: there are several and `id` names none of them, or more than one.
    """
    matches = [conversation for conversation in conversations if id in (None, conversation.id)]
    if len(matches) != 1:
        ids = ", ".join(conversation.id for conversation in conversations[:5])
        more = f" and {len(conversations) - 5} more" if len(conversations) > 5 else ""
        raise BabbleError(
            f"{len(matches)} conversations to replay{'' if id is None else f' have the id {id!r}'}; name one of: "
            f"{ids}{more}."
        )
    return matches[0]


def replay_plan(
    conversation: Conversation,
    start: float | None,
    seconds: float,
    definitions: Definitions | None = None,
    sources: Sequence[str | os.PathLike] = (),
) -> Plan:
    """Takes the timing of a stretch of a real conversation.

    Args:
      conversation: of two speakers.
      start: seconds of the recording; None for where observation begins.
      seconds: length of the stretch; it ends earlier where observation does.
      definitions: of the IPUs; the standard ones where absent.
      sources: files that it was read from, for the manifest; one alone gives the conversation its name in the table.

    Raises:
      BabbleError: not two speakers, or nothing was observed there.
    """
    if len(conversation.speakers) != 2:
        raise BabbleError(
            f"{conversation.id} has {len(conversation.speakers)} speakers; only a conversation of two is replayed."
        )
    definitions = definitions or Definitions()
    _check(definitions, f"The replay of {conversation.id}", "replay it")
    dialogue, cut = cut_excerpt(conversation, definitions, start, seconds)
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
    name = Path(sources[0]).name if len(sources) == 1 else conversation.id
    reference = count_events([dialogue], definitions)
    dialogue = _rename(dialogue)
    return Plan(dialogue, number_ipus(dialogue), definitions, name, reference, None, {"replay": replay})


def manipulate_plan(plan: Plan, manipulations: Manipulations, seed: int, item: int = 0) -> Plan:
    """Manipulates the timing of a plan; the values and what they changed go into its record.

    Args:
      plan: stays as it is.
      manipulations: of its timing.
      seed: of what they draw.
      item: number of the dialogue within a series with one seed.

    Raises:
      BabbleError: a manipulation is impossible in this dialogue.
    """
    result = manipulate(plan.dialogue, manipulations, _seed(seed, item), plan.definitions)
    record = {**plan.record, "manipulations": list(result.steps)}
    return dataclasses.replace(plan, dialogue=result.dialogue, number=result.number, record=record)


def _rename(dialogue: Conversation) -> Conversation:
    """Gives the conversation the name of the files, so that readers of any of them find the same one."""
    return dataclasses.replace(dialogue, id=Path(AUDIO).stem, group=Path(AUDIO).stem)


def _check(definitions: Definitions, what: str, remedy: str) -> None:
    if definitions.merge < MIN_SILENCE_SECONDS or definitions.min_ipu < MIN_IPU_SECONDS:
        raise BabbleError(
            f"{what} parts IPUs at {definitions.merge:g} s of silence and keeps those of "
            f"{definitions.min_ipu:g} s; {remedy} with {MIN_SILENCE_SECONDS:g} s and {MIN_IPU_SECONDS:g} s at least."
        )


def _seed(seed: int, item: int) -> int:
    high, low = stream_keys(seed, item, _PLAN, count=1)[0].tolist()
    return high << 32 | low
