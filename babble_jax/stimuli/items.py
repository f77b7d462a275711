"""Plans the items of an experiment: exact ones, draws or stretches of conversations with enough floor transfers.

Axes: N IPUs of a plan.
"""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.plan import Plan, draw_plan, manipulate_plan, replay_plan
from babble_jax.errors import BabbleError
from babble_jax.plural import plural
from babble_jax.stimuli.exact import ExactItem, draw_durations, sample_duration
from babble_jax.stimuli.lists import Assignment
from babble_jax.stimuli.recordings import RecordingFolder
from babble_jax.stimuli.spec.levels import Treatment
from babble_jax.stimuli.specification import StimulusSpec
from babble_jax.timing.events import floor_transfers, ipus
from babble_jax.timing.preset import load_timing

_DRAWS = 100  # for each item, at most, until one holds enough floor transfers


@dataclasses.dataclass(frozen=True)
class Item:
    """One item, before any condition.

    Attributes:
      draw: number of its draw or stretch, or of the item of an exact design: its babble depends on it.
      source: a drawn or replayed plan, or the turns of an exact design.
      turns: the waveforms of its recorded turns by the number of the turn, at the rate of the stimuli.
      files: the names of their files, likewise.
    """

    draw: int
    source: Plan | ExactItem
    turns: dict[int, np.ndarray] = dataclasses.field(default_factory=dict)
    files: dict[int, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    def plan(self, treatment: Treatment, assignment: Assignment, seed: int) -> Plan:
        """Plans the item in one condition.

        Args:
          treatment: of the condition.
          assignment: who starts, and who is on which channel.
          seed: of what manipulations draw.
        """
        if isinstance(self.source, ExactItem):
            return apply_assignment(self.source.plan(treatment, seed, self.draw), assignment)
        base = apply_assignment(self.source, assignment)
        return manipulate_plan(base, treatment.manipulations, seed, self.draw)


def plan_items(
    spec: StimulusSpec,
    conversations: Sequence[Conversation] = (),
    recordings: RecordingFolder | None = None,
    rate: int = 0,
) -> list[Item]:
    """Plans all items, then the catch trials.

    Args:
      spec: of the stimuli.
      conversations: what `spec.replay` holds.
      recordings: the folder of an exact design that has one.
      rate: Hz, of the stimuli; of use with recordings only.

    Raises:
      BabbleError: too few draws or stretches hold enough floor transfers, or a recording cannot be used.
    """
    count = spec.items + spec.catch.trials
    if spec.design == "exact":
        return [_exact_item(spec, recordings, rate, number) for number in range(count)]
    items = []
    plans = _replay_stretches(spec, conversations) if spec.replay else _draw(spec, _DRAWS * count)
    for number, plan in enumerate(plans):
        if len(plan.dialogue.onset) and _count_transfers(plan) >= spec.transfers:
            items.append(Item(number, plan))
        if len(items) == count:
            return items
    raise BabbleError(f"{spec.file.path}: {_explain_too_few(spec, conversations, len(items))}")


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


def pad(plan: Plan, lead_in: float, lead_out: float) -> Plan:
    """Adds silence in front of a plan and behind it.

    Args:
      plan: any.
      lead_in: seconds.
      lead_out: seconds.
    """
    if not lead_in and not lead_out:
        return plan
    dialogue = plan.dialogue
    dialogue = dataclasses.replace(
        dialogue,
        onset=np.round(dialogue.onset + lead_in, 9),
        end=np.round(dialogue.end + lead_in, 9),
        windows=np.round(dialogue.windows + np.array([[0.0, lead_in + lead_out]]), 9),
    )
    return dataclasses.replace(plan, dialogue=dialogue)


def _explain_too_few(spec: StimulusSpec, conversations: Sequence[Conversation], items: int) -> str:
    """Says that draws, stretches or conversations are too few, and the remedy.

    Args:
      spec: of the stimuli.
      conversations: what `spec.replay` holds.
      items: number of those that can be used.
    """
    count = spec.items + spec.catch.trials
    source = "the conversations to replay give" if spec.replay else f"{_DRAWS * count} draws give"
    if spec.seconds is None:
        what, remedy = (
            plural(items, "complete conversation"),
            "state seconds, which cuts stretches of that length",
        )
    else:
        what = f"{items} {'stretch' if items == 1 else 'stretches'} of {spec.seconds:g} s"
        remedy = "ask for shorter stretches, which are more" if spec.replay else "ask for more seconds"
    others = [f"{one.id} ({len(one.speakers)} speakers)" for one in conversations if len(one.speakers) != 2]
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    left_out = f" (left out, since only two are replayed: {', '.join(others[:3])}{more})" if others else ""
    return (
        f"{source} {what} with {plural(spec.transfers, 'floor transfer')} or more{left_out}, but {count} items and "
        f"catch trials are wanted; {remedy}, or ask for fewer transfers or items."
    )


def _exact_item(spec: StimulusSpec, recordings: RecordingFolder | None, rate: int, number: int) -> Item:
    durations = draw_durations(spec, number)
    turns, files = {}, {}
    for k, names in enumerate(recordings.items[number] if recordings else ()):
        if recordings is not None and names is not None:
            files[k], turns[k] = names, recordings.join(names, rate)
            durations[k] = sample_duration(len(turns[k]), rate)
    name = f"item {number + 1}" if number < spec.items else f"catch trial {number + 1 - spec.items}"
    return Item(number, ExactItem(spec, f"{spec.file.path}, {name}", tuple(durations)), turns, files)


def _draw(spec: StimulusSpec, count: int) -> Iterator[Plan]:
    timing = load_timing(spec.timing)
    assert spec.seconds is not None  # by the rules of the specification
    for number in range(count):
        yield draw_plan(timing, spec.seconds, spec.seed, number)


def _replay_stretches(spec: StimulusSpec, conversations: Sequence[Conversation]) -> Iterator[Plan]:
    """Yields successive stretches of all conversations of two, or complete ones where no length is asked for."""
    sources = [path for path in spec.replay if path.is_file()]
    for conversation in conversations:
        if len(conversation.speakers) != 2:
            continue
        for first, last in conversation.windows.tolist():
            seconds = last - first if spec.seconds is None else spec.seconds
            starts = np.arange(first, last - seconds + 1e-6, seconds).tolist() if spec.seconds else [first]
            for start in starts:
                yield replay_plan(conversation, start, seconds, sources=sources)


def _count_transfers(plan: Plan) -> int:
    units = ipus(plan.dialogue, plan.definitions)
    return int(np.count_nonzero(floor_transfers(units, "ipu", plan.definitions).defined))
