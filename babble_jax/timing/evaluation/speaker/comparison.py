"""Compares one speaker's timing with people's: each measure beside its distribution over people.

A person is one speaker of one stretch of dialogue that is as long as the speaker's conversations. A short conversation
therefore meets people in short stretches, whose measures spread as widely by chance.

Axes: C conversations, P people, B bootstrap draws. Times are seconds, float64.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.printable import escape_unprintable
from babble_jax.timing.evaluation.speaker.events import Actor, SpeakerEvents, speaker_events
from babble_jax.timing.evaluation.speaker.measures import MEASURES, Measure
from babble_jax.timing.events import Definitions, FtoLevel

Verdict = Literal["below", "within", "above"]

DRAWS = 1000
"""Bootstrap draws of conversations."""
MIN_PEOPLE = 40
"""Fewest people with an event of whom a range of 95 % is given: one in 40 lies below it."""
REFERENCE_SECONDS, REFERENCE_DIALOGUE, MIN_DIALOGUES = 36_000.0, 600.0, 30

_SEED = 0
_RANGE = (0.025, 0.975)


@dataclasses.dataclass(frozen=True)
class SpeakerMeasure:
    """One measure of a speaker beside people's.

    Attributes:
      name: of the measure.
      by: "speaker" for what the speaker does to the others, "others" for what they do to the speaker, or "both".
      unit: "s", "share", "1/min" or "s/min".
      n: number of events of the speaker's conversations; None where the measure is of seconds.
      value: of the speaker, all conversations together; None where there is no event.
      low: lower end of its bootstrap interval of 95 % over conversations; None for a single one.
      high: upper end.
      people: the measure of all people together.
      people_low: lower end of the range that holds 95 % of people, each of one stretch of dialogue; None where
        too few of them have such an event.
      people_high: upper end.
      percentile: percentage of people below the value, half of those who equal it included.
      low_percentile: the same of the lower end of the speaker's interval.
      high_percentile: the same of its upper end.
      verdict: whether the value lies below, within or above people's range.
    """

    name: str
    by: Literal["speaker", "others", "both"]
    unit: str
    n: int | None
    value: float | None
    low: float | None
    high: float | None
    people: float | None
    people_low: float | None
    people_high: float | None
    percentile: float | None
    low_percentile: float | None
    high_percentile: float | None
    verdict: Verdict | None


@dataclasses.dataclass(frozen=True, eq=False)
class SpeakerComparison:
    """The measures of one speaker beside people's.

    Attributes:
      speaker: name of the speaker.
      conversations: number of conversations that are measured.
      hours: observed of them.
      omissions: ids of conversations that are not measured, since the speaker or everybody else is silent there.
      people: number of people beside whom the speaker stands.
      people_seconds: length of the stretch of dialogue of each.
      speakers: numbers of people in the conversations, each once, in order.
      people_speakers: the same of the people's dialogues.
      rows: the measures.
      fto: floor-transfer offsets, seconds, by who comes in: the speaker or the others.
      people_fto: the same of people.
    """

    speaker: str
    conversations: int
    hours: float
    omissions: tuple[str, ...]
    people: int
    people_seconds: float
    speakers: tuple[int, ...]
    people_speakers: tuple[int, ...]
    rows: tuple[SpeakerMeasure, ...]
    fto: dict[Actor, np.ndarray]
    people_fto: dict[Actor, np.ndarray]

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values, as `babble compare --against --json` prints them, without the offsets."""
        skip = ("rows", "fto", "people_fto")
        values = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in skip
        }
        lists = ("omissions", "speakers", "people_speakers")
        values |= {name: list(values[name]) for name in lists}
        return values | {"rows": [dataclasses.asdict(row) for row in self.rows]}


@check_arguments
def compare_speaker(
    conversations: Sequence[Conversation],
    speaker: str,
    people: Sequence[Conversation],
    definitions: Definitions | None = None,
    fto_level: FtoLevel = "ipu",
) -> SpeakerComparison:
    """Compares the timing of one speaker, a voice agent say, with people's.

    The others are all other speakers of a conversation together. A conversation in which the speaker or everybody
    else is silent says nothing about timing and is omitted.

    Args:
      conversations: [C] of the speaker, each with any number of others.
      speaker: name of the speaker.
      people: dialogues of people, drawn from a timing preset (`reference_size` says how many) or of a corpus. They are
        cut into stretches as long as the speaker's median conversation; every speaker of each is one of the people.
      definitions: of the events; the standard ones by default.
      fto_level: level of the floor-transfer offsets: "ipu", or "turn" (without backchannels).

    Returns:
      The measures of the speaker beside people's, as `babble compare --against` prints them.

    Raises:
      BabbleError: nobody has that name, nothing can be measured, or no dialogue of the people is long enough.

    Examples:
      >>> reading = read("corpus")
      >>> people = load_timing("switchboard").draw_dialogues(0, 60, 600)
      >>> comparison = compare_speaker(reading.conversations, "A", people)
      >>> comparison.conversations, comparison.rows[0].name
      (6, 'answers_per_minute')
    """
    if fto_level not in get_args(FtoLevel):
        raise BabbleError(f"fto_level is {fto_level!r}; choose from {', '.join(get_args(FtoLevel))}.")
    definitions = definitions or Definitions()
    conversations = conversations_of(speaker, conversations)
    own, omissions = _measurable(conversations, speaker, definitions, fto_level)
    events = [one for _, one in own]
    seconds = _median_seconds(conversations)
    stretches = _stretches(people, seconds)
    if not stretches:
        longest = max((one.seconds for one in people), default=0.0)
        raise BabbleError(
            f"The longest dialogue of people lasts {longest:.0f} s, the speaker's median conversation {seconds:.0f} s; "
            "take longer ones, or cut the conversations."
        )
    measured = [speaker_events(stretch, definitions, fto_level) for stretch in stretches]
    persons = [one for by_name in measured for one in by_name.values()]
    picks = _resample(len(events))
    return SpeakerComparison(
        speaker=speaker,
        conversations=len(events),
        hours=sum(one.seconds for one in events) / 3600,
        omissions=omissions,
        people=len(persons),
        people_seconds=seconds,
        speakers=_numbers_of_speakers([conversation for conversation, _ in own]),
        people_speakers=_numbers_of_speakers(people),
        rows=tuple(_compare_measure(measure, events, persons, picks) for measure in MEASURES),
        fto=_pool_ftos(events),
        people_fto=_pool_ftos(persons),
    )


def reference_size(conversations: Sequence[Conversation]) -> tuple[int, float]:
    """Returns how many dialogues to draw from a preset, and the seconds of each, for `compare_speaker`.

    Together they last ten hours, more where there would be fewer than 30. Each is a whole number of stretches as long
    as the median conversation.

    Args:
      conversations: [C] of the speaker.
    """
    length = _median_seconds(conversations)
    seconds = length * max(1, round(REFERENCE_DIALOGUE // length))
    return max(MIN_DIALOGUES, round(REFERENCE_SECONDS / seconds)), seconds


def conversations_of(speaker: str, conversations: Sequence[Conversation]) -> list[Conversation]:
    """Selects the conversations of a speaker.

    Raises:
      BabbleError: nobody has that name; the message lists those that there are.
    """
    selection = [conversation for conversation in conversations if speaker in conversation.speakers]
    if not selection:
        name = escape_unprintable(repr(speaker))
        raise BabbleError(f"No speaker is called {name}; {list_speakers(conversations)}.")
    return selection


def shared_speakers(conversations: Sequence[Conversation]) -> list[str]:
    """Lists the names that all conversations have, in the order of the first."""
    names = dict.fromkeys(conversations[0].speakers)
    return [name for name in names if all(name in one.speakers for one in conversations)]


def _measurable(
    conversations: Sequence[Conversation], speaker: str, definitions: Definitions, fto_level: FtoLevel
) -> tuple[list[tuple[Conversation, SpeakerEvents]], tuple[str, ...]]:
    """Collects the speaker's events where there are any, and the ids of the other conversations."""
    own, omissions = [], []
    for conversation in conversations:
        events = speaker_events(conversation, definitions, fto_level).get(speaker)
        if events is None:
            omissions.append(conversation.id)
        else:
            own.append((conversation, events))
    if not own:
        raise BabbleError(
            f"There is nothing to compare: in no conversation do {escape_unprintable(repr(speaker))} and somebody else "
            "speak."
        )
    return own, tuple(omissions)


def list_speakers(conversations: Sequence[Conversation], most: int = 12) -> str:
    """Lists the names of all speakers in a clause, at most so many."""
    names = list(dict.fromkeys(name for conversation in conversations for name in conversation.speakers))
    shown = ", ".join(escape_unprintable(name) for name in names[:most])
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"the speakers are {shown}{more}" if names else "there are no speakers"


def _median_seconds(conversations: Sequence[Conversation]) -> float:
    seconds = float(np.median([conversation.seconds for conversation in conversations]))
    if not seconds:
        raise BabbleError("Nothing was observed in the conversations; check their times.")
    return seconds


def _stretches(people: Sequence[Conversation], seconds: float) -> list[Conversation]:
    """Cuts the observed windows of dialogues into stretches of so many seconds; what remains is left out."""
    return [
        dataclasses.replace(conversation, windows=np.array([[begin, begin + seconds]]))
        for conversation in people
        for first, last in conversation.windows.tolist()
        # A rounding error must not take away the last stretch.
        for begin in first + seconds * np.arange(int((last - first) / seconds + 1e-6))
    ]


def _numbers_of_speakers(conversations: Sequence[Conversation]) -> tuple[int, ...]:
    return tuple(sorted({len(conversation.speakers) for conversation in conversations}))


def _pool_ftos(events: Sequence[SpeakerEvents]) -> dict[Actor, np.ndarray]:
    return {
        actor: np.concatenate([np.zeros(0), *(one.actors[actor].fto for one in events)])
        for actor in get_args(Actor)
    }


def _resample(count: int) -> np.ndarray:
    """Draws conversations with replacement, [B, C] indices; none where there is but one."""
    draws = DRAWS if count > 1 else 0
    return np.random.default_rng(_SEED).integers(0, count, (draws, count))


def _compare_measure(
    measure: Measure, events: Sequence[SpeakerEvents], people: Sequence[SpeakerEvents], picks: np.ndarray
) -> SpeakerMeasure:
    n, value = measure.count(events), measure.evaluate(events)
    spread = measure.resample(events, picks)
    low, high = np.quantile(spread, _RANGE).tolist() if len(spread) else (None, None)
    # A median of few offsets is compared with medians of as few.
    most = n or None if measure.values is not None else None
    each = [measure.evaluate([person], most) for person in people]
    reference = np.array([one for one in each if one is not None])
    people_low = people_high = verdict = None
    if len(reference) >= MIN_PEOPLE:
        people_low, people_high = np.quantile(reference, _RANGE).tolist()
        if value is not None:
            verdict = "below" if value < people_low else "above" if value > people_high else "within"
    percentile, low_percentile, high_percentile = (
        None if one is None or verdict is None else _percentile(reference, one) for one in (value, low, high)
    )
    return SpeakerMeasure(
        measure.name, measure.by, measure.unit, n, value, low, high,
        measure.evaluate(people), people_low, people_high,
        percentile, low_percentile, high_percentile, verdict,
    )  # fmt: skip


def _percentile(reference: np.ndarray, value: float) -> float:
    """Returns the percentage of `reference`, [P], below a value, half of what equals it included."""
    return 100 * float(np.mean(reference < value) + 0.5 * np.mean(reference == value))
