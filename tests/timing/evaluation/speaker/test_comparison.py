"""A speaker beside people: intervals, percentiles, verdicts and what cannot be compared."""

import dataclasses

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.evaluation.speaker.comparison import (
    SpeakerComparison,
    SpeakerMeasure,
    compare_speaker,
    conversations_of,
    reference_size,
    shared_speakers,
)
from babble_jax.timing.preset import load_timing
from tests.timing.evaluation.speaker.test_events import ROWS
from tests.timing.evaluation.test_comparison import talk, turns

PEOPLE = [turns(0.01 * i, id=str(i)) for i in range(1, 51)]
"""50 dialogues of two people who always answer after 10, 20, ... 500 ms."""


def row(comparison: SpeakerComparison, name: str, by: str = "speaker") -> SpeakerMeasure:
    (one,) = [one for one in comparison.rows if (one.name, one.by) == (name, by)]
    return one


@pytest.mark.parametrize(
    ("gap", "percentile", "verdict"),
    [(0.255, 50, "within"), (0.25, 49, "within"), (0.005, 0, "below"), (0.6, 100, "above")],
)
def test_the_percentile_of_people_is_by_hand(gap, percentile, verdict):
    one = row(compare_speaker([turns(gap)], "A", PEOPLE), "fto")
    assert one.value == pytest.approx(gap)
    assert one.n == 4
    assert one.percentile == pytest.approx(percentile)
    assert one.verdict == verdict
    assert one.people == pytest.approx(0.255)
    # Of 100 values, two of each: 2.5 % of the way from the lowest to the highest.
    ends = np.quantile(np.repeat(np.arange(1, 51) / 100, 2), [0.025, 0.975])
    assert [one.people_low, one.people_high] == pytest.approx(list(ends))


def test_of_one_conversation_there_is_no_interval():
    one = compare_speaker([turns(0.1)], "A", PEOPLE)
    assert {(row.low, row.high, row.low_percentile) for row in one.rows} == {(None, None, None)}
    assert one.conversations == 1


def test_the_interval_is_over_conversations():
    conversations = [turns(0.1 * i, id=str(i)) for i in range(1, 10)]
    comparison = compare_speaker(conversations, "A", PEOPLE)
    one = row(comparison, "fto")
    assert one.value == pytest.approx(0.5)
    assert one.low is not None
    assert one.high is not None
    assert 0.2 <= one.low < 0.45
    assert 0.55 < one.high <= 0.8
    assert one.low_percentile is not None
    assert one.low_percentile < one.percentile == pytest.approx(99)
    equal = compare_speaker([turns(0.3, id=str(i)) for i in range(6)], "A", PEOPLE)
    assert [row(equal, "fto").low, row(equal, "fto").high] == pytest.approx([0.3, 0.3])
    again = compare_speaker(conversations, "A", PEOPLE)
    assert again.rows == comparison.rows  # the draws are seeded


def test_people_stand_in_stretches_as_long_as_the_conversation():
    comparison = compare_speaker([talk(ROWS, seconds=20.0)], "A", PEOPLE)
    assert comparison.people_seconds == 20
    # Each minute has three stretches of two people; in the third, the turns are over or one is alone.
    assert 2 * 50 <= comparison.people <= 3 * 2 * 50
    assert comparison.hours == pytest.approx(20 / 3600)


def test_a_median_of_few_offsets_is_compared_with_medians_of_as_few():
    """People whose offsets alternate have a first offset that is not their median."""
    people = []
    for number in range(30):
        segments, time = [], 0.0
        for turn in range(12):
            segments.append((turn % 2, time, time + 2))
            time += 2 + (0.1 if turn in (0, 1) else 1.0)
        people.append(talk(segments, id=str(number)))
    short = row(compare_speaker([talk([(1, 0.0, 2.0), (0, 2.5, 4.0)])], "A", people), "fto")
    assert (short.n, short.people) == (1, 1.0)
    assert [short.people_low, short.people_high] == pytest.approx([0.1, 0.1])


def test_of_few_people_there_is_no_range():
    one = row(compare_speaker([turns(0.3)], "A", PEOPLE[:19]), "fto")
    assert (one.people_low, one.percentile, one.verdict) == (None, None, None)
    assert one.people == pytest.approx(0.1)


def test_a_conversation_of_one_is_omitted_and_named():
    alone = talk([(0, 0.0, 2.0), (0, 3.0, 5.0)], id="alone")
    comparison = compare_speaker([alone, turns(0.3)], "A", PEOPLE)
    assert (comparison.conversations, comparison.omissions) == (1, ("alone",))
    assert compare_speaker([turns(0.3)], "A", PEOPLE).rows == comparison.rows


def test_conversations_without_the_speaker_are_not_the_speakers():
    other = dataclasses.replace(turns(0.9, id="other"), speakers=("C", "D"))
    comparison = compare_speaker([turns(0.3), other], "A", PEOPLE)
    assert (comparison.conversations, comparison.omissions) == (1, ())


@pytest.mark.parametrize(
    ("conversations", "people", "message"),
    [
        ([turns(0.3)], PEOPLE, "No speaker is called 'agent'; the speakers are A, B."),
        ([talk([(0, 0.0, 2.0)])], PEOPLE, "in no conversation do 'A' and somebody else speak"),
        ([talk([(1, 0.0, 2.0)])], PEOPLE, "in no conversation do 'A' and somebody else speak"),
        ([talk(ROWS, seconds=90.0)], PEOPLE, "lasts 60 s, the speaker's median conversation 90 s"),
        ([turns(0.3)], [], "lasts 0 s"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_sentence(conversations, people, message):
    name = "agent" if "agent" in message else "A"
    with pytest.raises(BabbleError, match=message.replace(".", "\\.")) as error:
        compare_speaker(conversations, name, people)
    assert "\n" not in str(error.value)


def test_the_name_of_a_preset_is_no_dialogues():
    with pytest.raises(BabbleError, match="people"):
        compare_speaker([turns(0.3)], "A", "switchboard")  # pyright: ignore[reportArgumentType]
    with pytest.raises(BabbleError, match="fto_level"):
        compare_speaker([turns(0.3)], "A", PEOPLE, fto_level="word")  # pyright: ignore[reportArgumentType]


def test_three_speakers_beside_two_are_noted():
    three = dataclasses.replace(turns(0.3), speakers=("A", "B", "C"))
    comparison = compare_speaker([three], "A", PEOPLE)
    assert (comparison.speakers, comparison.people_speakers) == ((3,), (2,))


def test_the_size_of_the_reference_is_ten_hours_in_whole_stretches():
    def of(*seconds: float) -> tuple[int, float]:
        return reference_size([turns(0.3, id=str(s)) if s == 60 else talk([], s) for s in seconds])

    assert of(60) == (60, 600)
    assert of(240) == (75, 480)
    assert of(400) == (90, 400)
    assert of(3600) == (30, 3600)
    assert of(20, 60, 7200) == (60, 600)
    with pytest.raises(BabbleError, match="Nothing was observed"):
        of(0)


def test_shared_speakers_are_in_all_conversations():
    other = dataclasses.replace(turns(0.3), speakers=("B", "C"))
    assert shared_speakers([turns(0.3), other]) == ["B"]
    assert shared_speakers([turns(0.3), turns(0.5)]) == ["A", "B"]
    assert len(conversations_of("C", [turns(0.3), other])) == 1


def people_of(seed: int) -> list[Conversation]:
    return load_timing("switchboard").draw_dialogues(seed, 60, 600)


@pytest.mark.slow
def test_people_lie_within_peoples_range():
    """Of persons drawn anew, 95 % lie within the range, and as many below it as above."""
    people, verdicts = people_of(0), []
    for dialogue in people_of(1)[:40]:
        (stretch,) = [dataclasses.replace(dialogue, windows=np.array([[100.0, 400.0]]))]
        for name in dialogue.speakers:
            comparison = compare_speaker([stretch], name, people)
            verdicts += [one.verdict for one in comparison.rows if one.verdict]
    share = {
        verdict: np.mean([one == verdict for one in verdicts]) for verdict in ("below", "within", "above")
    }
    assert 0.93 <= share["within"] <= 0.98
    assert share["below"] < 0.045
    assert share["above"] < 0.045
