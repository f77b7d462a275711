"""Comparisons as text."""

from babble_jax.timing.evaluation.comparison import ComparedSet, compare
from babble_jax.timing.evaluation.comparison_text import comparison_text
from tests.timing.evaluation.test_comparison import corpus, turns


def test_the_text_holds_every_row():
    comparison = compare(ComparedSet("one.rttm", corpus(1, 3)), ComparedSet("other", [turns(0.5)]))
    text = comparison_text(comparison.to_json())
    assert text.startswith("A: one.rttm, 3 conversations, ")
    for row in comparison.rows:
        assert row.name.replace("_", " ") in text
    (line,) = [line for line in text.splitlines() if line.startswith("gap duration (ms)")]
    assert line.split()[4] == "500"
    (line,) = [line for line in text.splitlines() if line.startswith("overlap within duration (ms)")]
    assert line.split()[5] == "-"
    assert max(map(len, text.splitlines())) <= 100
