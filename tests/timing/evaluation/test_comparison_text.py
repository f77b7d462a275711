"""Comparisons as text."""

from babble_jax.timing.evaluation.comparison import ComparedSet, compare
from babble_jax.timing.evaluation.comparison_text import comparison_text
from tests.timing.evaluation.test_comparison import corpus, turns


def test_the_text_holds_every_row():
    comparison = compare(ComparedSet("one.rttm", corpus(1, 3)), ComparedSet("other", [turns(0.5)]))
    text = comparison_text(comparison)
    assert text.startswith("A: one.rttm, 3 conversations, ")
    for row in comparison.rows:
        assert row.name.replace("_", " ") in text
    (line,) = [line for line in text.splitlines() if line.startswith("gap duration (ms)")]
    assert line.split()[4] == "500"
    (line,) = [line for line in text.splitlines() if line.startswith("overlap within duration (ms)")]
    assert line.split()[5] == "-"
    assert max(map(len, text.splitlines())) <= 100


def test_the_head_counts_conversations_and_says_which_are_drawn_from_a_preset():
    real, simulated = ComparedSet("talk", [turns(0.5)]), ComparedSet("ami", corpus(1, 3), from_preset=True)
    heads = comparison_text(compare(simulated, real)).splitlines()[:2]
    assert heads[0].startswith("A: ami, 3 conversations, ")
    assert heads[0].endswith(" h, drawn from the preset")
    assert heads[1].startswith("B: talk, 1 conversation, ")
    assert heads[1].endswith(" h")


def test_the_last_lines_explain_the_halves_or_that_there_are_none():
    three, single = ComparedSet("a", corpus(1, 3)), ComparedSet("b", [turns(0.5)])
    assert "two random halves of A" in comparison_text(compare(three, single))
    text = comparison_text(compare(single, three))
    assert "Name the larger set first" in text
    assert "halves of A" not in text
