"""A speaker beside people, as text."""

import dataclasses

from babble_jax.timing.evaluation.speaker.comparison import compare_speaker
from babble_jax.timing.evaluation.speaker.comparison_text import TITLES, speaker_comparison_text
from tests.timing.evaluation.speaker.test_comparison import PEOPLE
from tests.timing.evaluation.test_comparison import talk, turns


def test_the_text_holds_every_row_and_its_verdict():
    comparison = compare_speaker([turns(0.6)], "A", PEOPLE)
    text = speaker_comparison_text(comparison, "switchboard")
    lines = text.splitlines()
    assert lines[0] == "A: 1 conversation, 0.02 h"
    assert lines[1] == "people: 100 speakers of 1.0 min each, of switchboard"
    for row in comparison.rows:
        assert sum(TITLES[row.name, row.by] in line for line in lines) >= 1
    assert [line.split()[:4] for line in lines if " people " in line and " pct" in line] == [
        ["A's", "timing", "n", "A"],
        ["the", "others'", "timing", "n"],
        ["together", "n", "A", "people"],
    ]
    assert next(line for line in lines if line.startswith("the others'")).split()[3:5] == ["n", "others"]
    first = next(line for line in lines if line.startswith("  FTO, median (ms)"))
    assert first.split()[3:] == ["4", "600", "255", "20..490", "100", "above"]
    assert max(map(len, lines)) <= 100
    assert "There is no interval over 1 conversation." in lines


def test_what_lies_within_the_range_is_counted():
    text = speaker_comparison_text(compare_speaker([turns(0.3)], "A", PEOPLE), "switchboard")
    assert "24 of 24 measures lie within the range of 95 % of people." in text


def test_intervals_have_a_column_where_there_are_any():
    five = compare_speaker([turns(0.3, id=str(i)) for i in range(5)], "A", PEOPLE)
    text = speaker_comparison_text(five, "switchboard")
    first = next(line for line in text.splitlines() if line.startswith("  FTO, median (ms)"))
    assert first.split()[3:] == ["20", "300", "300..300", "255", "20..490", "59", "within"]
    assert (
        text.splitlines()[-1]
        == "Intervals over 5 conversations are a rough guide; trust those over 10 or more."
    )
    assert "bootstrap interval over conversations" in text
    assert max(map(len, text.splitlines())) <= 100


def test_other_numbers_of_speakers_and_omissions_are_noted():
    three = dataclasses.replace(turns(0.3), speakers=("A", "B", "C"))
    alone = talk([(0, 0.0, 2.0)], id="alone")
    text = speaker_comparison_text(compare_speaker([three, alone], "A", PEOPLE), "switchboard")
    assert "The conversations have 3 speakers and people's 2" in text
    assert "not measured" in text
    assert text.endswith("alone")
