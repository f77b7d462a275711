"""The ablation of covariates."""

import json

import numpy as np
import pytest

from babble_jax.timing.evaluation.prediction import ablation
from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction.covariates import COVARIATES
from babble_jax.timing.prediction.examples import build_examples
from babble_jax.timing.prediction.heads import input_columns
from tests.timing.prediction.calls import simulate_calls
from tests.timing.prediction.predictors import (
    OFFSET_PREDICTOR,
)


@pytest.mark.slow  # nine networks to compile
def test_an_ablation_of_two_covariates(monkeypatch):
    """Every figure is there, of the held-out offsets; what is selected is what pays beside all others."""
    data = build_examples(simulate_calls(30), "ipu", Definitions(), OFFSET_PREDICTOR.grid)
    monkeypatch.setattr(ablation, "COVARIATES", {name: COVARIATES[name] for name in ("ipu_duration", "time")})
    result = ablation.ablate(data, "causal", epochs=2)
    count = np.count_nonzero(~data.split.train)
    assert set(result.worth) == {"ipu_duration", "time", "filter"}
    for one in result.worth.values():
        assert one.alone.offsets == one.beside_all.offsets == count
    for name in ("ipu_duration", "time"):
        assert result.worth[name].selected == (result.worth[name].beside_selected.value > 0)
    assert result.selected.value >= result.full.value
    difference = result.full.value - result.without_filter.value
    assert result.worth["filter"].beside_all.value == pytest.approx(difference, abs=1e-9)
    names = {name for name, one in result.worth.items() if one.selected}
    expected = input_columns([name for name in names if name != "filter"])
    assert result.heads["end"].columns == expected
    printed = result.to_json()
    assert "heads" not in printed
    json.dumps(printed, allow_nan=False)
