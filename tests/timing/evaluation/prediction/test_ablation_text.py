"""The tables of an ablation."""

from babble_jax.timing.evaluation.prediction.ablation import Ablation, CovariateWorth
from babble_jax.timing.evaluation.prediction.ablation_text import GAINS, format_ablation
from babble_jax.timing.prediction.scoring import MeanScore


def test_gains_come_first_and_covariates_by_what_they_add():
    gains = {name: MeanScore(0.01 * i, 0.002, 100) for i, name in enumerate(GAINS)}
    worth = {
        "type": CovariateWorth(
            MeanScore(0.3, 0.01, 100), MeanScore(-0.02, 0.01, 100), gains["pooled"], False
        ),
        "taker_silence": CovariateWorth(
            MeanScore(0.1, 0.01, 100), MeanScore(0.05, None, 100), gains["full"], True
        ),
    }
    text = format_ablation(Ablation("causal", **gains, by_index={}, worth=worth, heads={}))
    lines = [line.rstrip() for line in text.split("\n")]
    assert lines[0].startswith("mode causal: gain in nats")
    assert lines[5].split()[-2:] == ["0.0400", "(0.0020)"]  # all covariates and the filter
    assert lines[-2].split() == [
        "taker",
        "silence",
        "0.1000",
        "(0.0100)",
        "0.0500",
        "0.0400",
        "(0.0020)",
        "yes",
    ]
    assert lines[-1].split()[-1] == "no"
    assert len({line.index("0") for line in lines[1:8]}) == 1  # one column
