"""The evaluation of a corpus's floor, from conversations to a table and a picture."""

import functools
import json

import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.evaluation.floor.baselines import BASELINES
from babble_jax.timing.evaluation.floor.comparison_picture import plot_floor_comparison
from babble_jax.timing.evaluation.floor.evaluation import evaluate_floor
from babble_jax.timing.evaluation.floor.evaluation_text import format_floor_evaluation
from babble_jax.timing.floor.fit import fit_floor
from tests.timing.evaluation.floor.calls import CALLS


@pytest.mark.slow
def test_the_floor_is_compared_with_every_baseline(monkeypatch, tmp_path):
    monkeypatch.setattr("babble_jax.timing.floor.calibrate.HOURS", (0.5, 0.5))
    monkeypatch.setattr("babble_jax.timing.floor.match_events.TRIALS", 1)
    quick = functools.partial(fit_floor, steps=100)
    monkeypatch.setattr("babble_jax.timing.evaluation.floor.evaluation.fit_floor", quick)
    values = evaluate_floor(CALLS, replicates=1)
    json.dumps(values, allow_nan=False)
    assert values["training_conversations"] + values["calls"] == len(CALLS)
    assert set(values["nats_per_second"]) == {
        *("hazards", "hazards_without_effects", "independent", "semi_markov"),
    }
    for row in values["rows"].values():
        assert list(row["models"]) == ["hazards", *BASELINES]
    text = format_floor_evaluation(values)
    assert f"floor fitted on {values['training_conversations']} conversations" in text
    assert len(text.splitlines()) == len(values["rows"]) + 7
    assert max(map(len, text.splitlines())) <= 120
    plot_floor_comparison(tmp_path / "floor.png", values, "calls")
    assert (tmp_path / "floor.png").stat().st_size > 20_000


def test_too_few_events_are_refused():
    with pytest.raises(BabbleError, match=r"^In the training part, \d+ floor transfers are too few"):
        evaluate_floor(CALLS[:8])
