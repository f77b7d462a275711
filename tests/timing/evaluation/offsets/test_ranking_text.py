"""Rankings as text, of reports written by hand."""

import dataclasses

import numpy as np

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.evaluation.offsets.bootstrap import Interval
from babble_jax.timing.evaluation.offsets.ranking_text import report_text
from babble_jax.timing.evaluation.offsets.report import FamilyFit, FitReport, SplitCount


def score(name: str, value: float, low: float, high: float) -> FamilyFit:
    """Makes the scores of a family by its difference to the best."""
    interval, difference = Interval(value - 0.5, value - 0.6, value - 0.4), Interval(value, low, high)
    return FamilyFit(name, value - 0.5, 0.25, {}, interval, difference, 0.01, 12.3, {})


BEST, LEVEL, BEHIND = (
    score("kde", 0.0, 0.0, 0.0),
    score("johnson_su", -0.01, -0.03, 0.01),
    score("normal", -0.25, -0.3, -0.2),
)


def report(*families: FamilyFit, groups: int = 12) -> FitReport:
    return FitReport(
        fto_level="ipu",
        by="group",
        train=SplitCount(48, 2000),
        heldout=SplitCount(groups, 500),
        groups=groups,
        speakers="No speaker is on both sides of the split.",
        tails={},
        families=families,
        fto=np.zeros(500),
        width=None,
    )


def row(text: str, name: str) -> str:
    lines = (line for line in text.splitlines() if line.split()[:1] in ([name], [f"{name}*"]))
    return next(lines)


def test_families_not_significantly_behind_the_best_are_marked_and_named():
    text = report_text(report(BEST, LEVEL, BEHIND))
    names = [row(text, name).split()[0] for name in ("kde", "johnson_su", "normal")]
    assert names == ["kde*", "johnson_su*", "normal"]
    assert "kde is the best; not significantly behind it (*): johnson_su." in text
    assert "selected by these same scores" in text
    assert " difference " in text
    assert "Intervals are over 12 held-out groups" in text
    assert "all others are significantly behind" in report_text(report(BEST, BEHIND, BEHIND))
    assert "normal is significantly behind it" in report_text(report(BEST, BEHIND))
    assert "the best" not in report_text(report(BEST))


def test_one_group_held_out_has_no_interval():
    text = report_text(report(BEST, BEHIND, groups=1))
    assert "one group held out: no interval; use --folds" in text
    assert "scored on 500 offsets of 1 other conversation\n" in text
    for word in ("95 %", " to -", "*", "significant", "Intervals"):
        assert word not in text
    assert row(text, "normal").split()[1:3] == ["-0.7500", "-0.2500"]


def test_lines_are_at_most_100_characters_long():
    names = [score(name, -0.01, -12.0001, 0.01) for name in FAMILIES]
    names = [dataclasses.replace(one, interval=Interval(-12.3456, -2.345, -2.344)) for one in names]
    assert max(map(len, report_text(report(*names)).splitlines())) <= 100


def test_cross_validated_scores_draw_the_same_conclusion():
    one = dataclasses.replace(report(BEST, LEVEL, BEHIND, groups=30), folds=5)
    text = report_text(one)
    assert "500 offsets of 30 conversations and 30 groups, cross-validated in 5 folds" in text
    assert "kde is the best; not significantly behind it (*): johnson_su." in text
    assert [row(text, name).split()[0] for name in ("johnson_su", "normal")] == ["johnson_su*", "normal"]
