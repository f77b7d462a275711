"""Plans the items of an experiment: draws or stretches of conversations with enough floor transfers.

Axes: N IPUs of a plan.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np

from babble_jax.conversation.reading import read
from babble_jax.dialogue.plan import Plan, draw_plan, replay_plan
from babble_jax.errors import BabbleError
from babble_jax.stimuli.lists import Assignment
from babble_jax.stimuli.specification import StimulusSpec
from babble_jax.timing.events import floor_transfers, ipus
from babble_jax.timing.preset import load_timing

_DRAWS = 100  # for each item, at most, until one holds enough floor transfers


def plan_items(spec: StimulusSpec) -> list[tuple[int, Plan]]:
    """Plans all items, then the catch trials, each with the number of its draw or stretch.

    Raises:
      BabbleError: too few draws or stretches hold enough floor transfers.
    """
    count = spec.items + spec.catch.trials
    plans = []
    for number, plan in enumerate(_replay_stretches(spec) if spec.replay else _draw(spec, _DRAWS * count)):
        if len(plan.dialogue.onset) and _count_transfers(plan) >= spec.transfers:
            plans.append((number, plan))
        if len(plans) == count:
            return plans
    source = "the conversations to replay give" if spec.replay else f"{_DRAWS * count} draws give"
    raise BabbleError(
        f"{spec.file.path}: {source} {len(plans)} stretches of {spec.seconds:g} s with {spec.transfers} floor "
        f"transfers or more, but {count} items and catch trials are wanted; ask for more seconds, or for fewer "
        "transfers or items."
    )


def apply_assignment(plan: Plan, assignment: Assignment) -> Plan:
    """Changes who starts, and the speaker of the first channel, as the assignment wants."""
    dialogue = plan.dialogue
    speaker, names = dialogue.speaker, dialogue.speakers
    if assignment.start is not None and speaker[0] != assignment.start:
        speaker = 1 - speaker
    if assignment.channel:
        speaker, names = 1 - speaker, names[::-1]
    order = np.lexsort((speaker, dialogue.end, dialogue.onset))
    dialogue = dataclasses.replace(
        dialogue,
        speakers=names,
        speaker=speaker[order].astype(np.int32),
        onset=dialogue.onset[order],
        end=dialogue.end[order],
        mark=dialogue.mark[order],
    )
    return dataclasses.replace(plan, dialogue=dialogue, number=plan.number[order])


def _draw(spec: StimulusSpec, count: int) -> Iterator[Plan]:
    timing = load_timing(spec.timing)
    for number in range(count):
        yield draw_plan(timing, spec.seconds, spec.seed, number)


def _replay_stretches(spec: StimulusSpec) -> Iterator[Plan]:
    """Yields successive stretches of all conversations of two."""
    sources = [path for path in spec.replay if path.is_file()]
    for conversation in read(spec.replay, layout=spec.layout).conversations:
        if len(conversation.speakers) != 2:
            continue
        for first, last in conversation.windows.tolist():
            for start in np.arange(first, last - spec.seconds + 1e-6, spec.seconds).tolist():
                yield replay_plan(conversation, start, spec.seconds, sources=sources)


def _count_transfers(plan: Plan) -> int:
    units = ipus(plan.dialogue, plan.definitions)
    return int(np.count_nonzero(floor_transfers(units, "ipu", plan.definitions).defined))
