"""A speaker beside people, as a picture."""

import pytest
from PIL import Image

from babble_jax.timing.evaluation.speaker import comparison_picture
from babble_jax.timing.evaluation.speaker.comparison import compare_speaker
from tests.timing.evaluation.speaker.test_comparison import PEOPLE
from tests.timing.evaluation.test_comparison import talk, turns


def figure_of(conversations, monkeypatch, path):
    canvas = []
    monkeypatch.setattr(
        comparison_picture, "save_png", lambda figure, *args, **options: canvas.append(figure)
    )
    comparison = compare_speaker(conversations, "A", PEOPLE)
    comparison_picture.plot_speaker_comparison(path, comparison, "switchboard")
    return comparison, canvas[0]


def test_a_png_is_written(tmp_path):
    comparison = compare_speaker([turns(0.3)], "A", PEOPLE)
    comparison_picture.plot_speaker_comparison(tmp_path / "a.png", comparison, "switch$board")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (1300, 750)


def test_points_and_intervals_are_percentiles(monkeypatch, tmp_path):
    comparison, figure = figure_of(
        [turns(0.1 * i, id=str(i)) for i in range(1, 11)], monkeypatch, tmp_path / "a.png"
    )
    *histograms, rows = figure.axes
    points = [line.get_xdata()[0] for line in rows.lines if len(line.get_xdata()) == 1]
    assert points == [row.percentile for row in comparison.rows if row.percentile is not None]
    intervals = [tuple(line.get_xdata()) for line in rows.lines if line.get_alpha()]
    assert intervals[0] == (comparison.rows[0].low_percentile, comparison.rows[0].high_percentile)
    assert [axes.get_title() for axes in histograms] == ["A answers", "A is answered"]
    stairs = histograms[0].patches[1]  # of the speaker, over people's
    values, edges, _ = stairs.get_data()
    assert (values * (edges[1:] - edges[:-1])).sum() == pytest.approx(1)


def test_intervals_over_few_conversations_are_not_drawn(monkeypatch, tmp_path):
    comparison, figure = figure_of([turns(0.1), turns(0.2, id="b")], monkeypatch, tmp_path / "a.png")
    assert comparison.rows[0].low_percentile is not None
    assert not any(line.get_alpha() for line in figure.axes[-1].lines)


def test_legends_say_whose_offsets_they_are_and_how_many_are_beyond(monkeypatch, tmp_path):
    conversation = talk([(0, 0.0, 1.0), (1, 5.0, 6.0), (0, 6.5, 7.0), (1, 7.5, 8.0)])
    _, figure = figure_of([conversation], monkeypatch, tmp_path / "a.png")
    labels = [axes.get_legend().get_texts()[1].get_text() for axes in figure.axes[:2]]
    assert labels == ["this speaker (1)", "the others (2)\n1 beyond 3 s"]
    values, edges, _ = figure.axes[1].patches[1].get_data()
    assert (values * (edges[1:] - edges[:-1])).sum() == pytest.approx(0.5)


def test_a_speaker_who_is_never_answered_has_an_empty_histogram(monkeypatch, tmp_path):
    comparison, figure = figure_of([talk([(1, 0.0, 1.0), (0, 1.5, 3.0)])], monkeypatch, tmp_path / "a.png")
    assert not len(comparison.fto["others"])
    values, _, _ = figure.axes[1].patches[1].get_data()
    assert not values.any()
