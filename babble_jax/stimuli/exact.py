"""Plans items of exact designs: turns of stated or drawn length at stated offsets, backchannels at stated times.

Axes: N IPUs: the turns, then the backchannels, whatever their order in time. Times are nanoseconds, int.
"""

import dataclasses
import itertools
import math

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.dialogue.plan import Plan, manipulate_plan
from babble_jax.dialogue.render import MIN_SILENCE_SECONDS
from babble_jax.errors import BabbleError
from babble_jax.stimuli.spec.levels import Backchannel, Treatment
from babble_jax.stimuli.specification import GAP, StimulusSpec
from babble_jax.timing.events import Definitions
from babble_jax.timing.manipulation.dialogue import to_seconds
from babble_jax.timing.manipulation.manipulate import number_ipus

_SECOND = 10**9


@dataclasses.dataclass(frozen=True)
class ExactItem:
    """One item of an exact design.

    Attributes:
      spec: its design.
      name: for messages.
      durations: of its turns, nanoseconds.
    """

    spec: StimulusSpec
    name: str
    durations: tuple[int, ...]

    def plan(self, treatment: Treatment, seed: int, draw: int) -> Plan:
        """Plans the item in one condition.

        The number of an IPU is that of the turn, from 0; backchannels are numbered after all turns.

        Args:
          treatment: of the condition.
          seed: of what manipulations draw.
          draw: number of the item.

        Raises:
          BabbleError: an overlap is longer than a turn, or two sounds of one speaker come too close.
        """
        speakers = list(dict.fromkeys(turn.speaker for turn in self.spec.turn_script))
        speakers += [name for name in ("A", "B") if name not in speakers][: 2 - len(speakers)]
        speaker = [speakers.index(turn.speaker) for turn in self.spec.turn_script]
        onset, end = self._place_turns(treatment)
        backchannels = self.spec.backchannels if treatment.backchannels is None else treatment.backchannels
        for one in backchannels:
            speaker.append(self._backchannel_speaker(one, speakers, speaker, onset, end))
            onset.append(round(one.at * _SECOND))
            end.append(onset[-1] + round(one.seconds * _SECOND))
        self._check_distances(speakers, speaker, onset, end)
        order = np.lexsort((speaker, end, onset))
        dialogue = Conversation(
            id=self.name,
            corpus="babble",
            speakers=tuple(speakers),
            speaker=np.array(speaker, np.int32)[order],
            onset=to_seconds(np.array(onset, np.int64)[order]),
            end=to_seconds(np.array(end, np.int64)[order]),
            mark=np.full(len(order), Mark.SPEECH, np.uint8),
            unit="ipu",
            language=None,
            group=self.name,
            windows=to_seconds(np.array([[0, max(end)]], np.int64)),
        )
        record = {"turns": len(self.durations), "backchannels": len(backchannels), "manipulations": []}
        plan = Plan(dialogue, order.astype(np.int32), Definitions(), self.name, {}, None, record)
        if not treatment.manipulations.to_json():
            return plan
        return _restore_numbers(plan, manipulate_plan(plan, treatment.manipulations, seed, draw))

    def _place_turns(self, treatment: Treatment) -> tuple[list[int], list[int]]:
        """Returns onset and end of each turn, the first at 0."""
        onset, end = [0], [self.durations[0]]
        default = GAP if self.spec.gap is None else self.spec.gap
        for k, (turn, duration) in enumerate(zip(self.spec.turn_script, self.durations, strict=True)):
            if k == 0:
                continue
            gap = default if turn.gap is None else turn.gap
            if k == self.spec.critical_turn and treatment.gap is not None:
                gap = treatment.gap
            onset.append(end[-1] + round(gap * _SECOND))
            end.append(onset[-1] + duration)
            if onset[k] <= onset[k - 1] or end[k] <= end[k - 1]:
                room = min(self.durations[k - 1], duration) / _SECOND
                raise BabbleError(
                    f"{self.name}: an overlap of {-gap:g} s leaves nothing of turn {k} or {k + 1} outside of the "
                    f"other, the shorter of which lasts {room:.3f} s; ask for longer turns or a shorter overlap."
                )
        return onset, end

    def _backchannel_speaker(
        self, one: Backchannel, speakers: list[str], speaker: list[int], onset: list[int], end: list[int]
    ) -> int:
        if one.speaker is not None:
            return speakers.index(one.speaker)
        time = round(one.at * _SECOND)
        turns = range(len(self.durations))
        holders = [speaker[k] for k in turns if onset[k] <= time < end[k]]
        if len(set(holders)) != 1:
            who = "nobody has" if not holders else "both have"
            raise BabbleError(
                f"{self.name}: at {one.at:g} s {who} the floor, so that a backchannel there is nobody's; name its "
                'speaker, { at = ..., speaker = "B" }, or another time.'
            )
        return 1 - holders[0]

    def _check_distances(
        self, speakers: list[str], speaker: list[int], onset: list[int], end: list[int]
    ) -> None:
        for index, name in enumerate(speakers):
            own = sorted((onset[k], end[k]) for k in range(len(speaker)) if speaker[k] == index)
            for (_, before), (after, _) in itertools.pairwise(own):
                if after - before < round(MIN_SILENCE_SECONDS * _SECOND):
                    raise BabbleError(
                        f"{self.name}: two turns or backchannels of {name} are {(after - before) / _SECOND:.3f} s "
                        f"apart at {after / _SECOND:.3f} s, less than the {MIN_SILENCE_SECONDS} s of a pause; move or "
                        "leave out one."
                    )


def draw_durations(spec: StimulusSpec, item: int) -> list[int]:
    """Draws the length of each turn of an item, nanoseconds; it depends on seed, item and turn alone."""
    durations = []
    for k, turn in enumerate(spec.turn_script):
        low, high = turn.seconds or spec.turn_seconds
        share = np.random.default_rng([spec.seed, item, k]).uniform()
        durations.append(round((low + share * (high - low)) * 1000) * (_SECOND // 1000))
    return durations


def sample_duration(samples: int, rate: int) -> int:
    """Returns the least number of nanoseconds that hold so many complete samples."""
    return math.ceil(samples * _SECOND / rate)


def _restore_numbers(before: Plan, after: Plan) -> Plan:
    """Numbers IPUs after a manipulation as before it; new ones follow."""
    place = number_ipus(before.dialogue)
    speaker = before.dialogue.speaker
    numbers = {(int(s), int(k)): int(n) for s, k, n in zip(speaker, place, before.number, strict=True)}
    unused = int(np.max(before.number)) + 1
    rows = []
    for key in zip(after.dialogue.speaker.tolist(), after.number.tolist(), strict=True):
        if key not in numbers:
            numbers[key] = unused
            unused += 1
        rows.append(numbers[key])
    return dataclasses.replace(after, number=np.array(rows, np.int32))
