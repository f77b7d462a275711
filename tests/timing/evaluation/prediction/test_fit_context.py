"""From a corpus to a context predictor, in the program and on the command line."""

import functools
import json

import jax
import numpy as np
import pytest

from babble_jax.cli import main
from babble_jax.timing.evaluation.prediction import ablation, fit_context
from babble_jax.timing.prediction.context_predictor import ContextPredictor
from babble_jax.timing.prediction.covariates import COLUMNS, COVARIATES
from tests.timing.prediction.calls import simulate_calls


@pytest.fixture(autouse=True)
def _few_covariates(monkeypatch):
    """One covariate is enough to tell the covariates from the filter, and few networks have to compile."""
    monkeypatch.setattr(ablation, "COVARIATES", {"taker_silence": COVARIATES["taker_silence"]})
    with jax.numpy_rank_promotion("allow"):  # NumPyro promotes ranks inside its distributions
        yield


@pytest.mark.slow  # networks to compile
def test_a_context_predictor_is_better_than_its_own_filter(monkeypatch):
    """By its card; it can be used from the first offset on. Few offsets need many epochs."""
    monkeypatch.setattr(fit_context, "ablate", functools.partial(ablation.ablate, epochs=100))
    report = fit_context.fit_context(simulate_calls(40), "ipu", "descriptive")
    predictor = ContextPredictor.from_json(json.loads(json.dumps(report.predictor.to_json())))
    assert predictor.mode == "descriptive"
    assert predictor.card.log_score_gain > predictor.offset_predictor.card.log_score_gain
    assert predictor.card.log_score_gain == report.ablation.selected.value > 0.03
    assert predictor.card.heldout_offsets == report.ablation.full.offsets
    state = predictor.offset_predictor.initial_state()
    state = predictor.offset_predictor.update(state, 0.2, 1)
    inputs = {"over": predictor.inputs(state, 0, np.zeros(len(COLUMNS)))}
    assert np.isfinite(float(predictor.log_prob(inputs, 0.2, -1.0)))
    full = fit_context.score_full_network(report.examples, "descriptive", epochs=1)
    assert full.offsets == report.ablation.full.offsets


@pytest.mark.slow  # the same by the command
def test_the_command_prints_what_each_covariate_adds(tmp_path, capsys):
    lines = ["conversation,speaker,start,end"]
    for call in simulate_calls(40):
        for speaker, onset, end in zip(call.speaker, call.onset, call.end, strict=True):
            lines.append(f"{call.id},{call.id}-{'ab'[speaker]},{onset},{end}")
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(lines))
    arguments = ["fit", str(path), "--context", "causal", "--families", "johnson_su"]
    main([*arguments, "--pooled", "--json"])
    values = json.loads(capsys.readouterr().out)
    assert {"heldout_nats", "gain", "se", "by_index"} <= values["pooled"].keys()
    assert values["context"]["mode"] == "causal"
    assert set(values["context"]["worth"]) == {"taker_silence", "filter"}
    assert {"value", "se", "offsets"} == values["context"]["full"].keys()
    main(arguments)
    out = capsys.readouterr().out
    assert "mode causal: gain in nats per held-out offset over one distribution for all" in out
    assert "taker silence" in out
    assert "with dyads and speakers" not in out
