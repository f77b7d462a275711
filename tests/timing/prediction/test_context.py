"""The distribution of each mode of prediction."""

import jax
import numpy as np
import pytest
from scipy.stats import kstest

from tests.timing.prediction.predictors import MODES, draw_context_predictor, draw_inputs


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("earliest", [-0.3, 0.2])
def test_each_mode_is_a_distribution(mode, earliest):
    """Integrates to 1 from where it begins, to its cdf; and draws follow it."""
    predictor, inputs = draw_context_predictor(mode), draw_inputs(mode)
    fto = np.linspace(-60, 60, 120_001).astype(np.float32)
    many = {view: np.tile(x, (len(fto), 1)) for view, x in inputs.items()}
    bounds = np.full(len(fto), earliest, np.float32)
    density = np.exp(np.asarray(predictor.log_prob(many, fto, bounds), np.float64))
    begins = {"descriptive": earliest, "projected": earliest, "causal": -np.inf}[mode]
    density[fto < begins] = 0
    if mode != "descriptive" and earliest > 0:
        density[(fto >= 0) & (fto < earliest)] = 0
    cdf = np.asarray(predictor.cdf(many, fto, bounds), np.float64)
    trapezoid = np.append(0, np.cumsum(0.001 * (density[1:] + density[:-1]) / 2))
    np.testing.assert_allclose(cdf, trapezoid, atol=4e-3)
    assert trapezoid[-1] == pytest.approx(1, abs=4e-3)
    draws = predictor.sample(
        jax.random.key(0), {k: np.tile(x, (3000, 1)) for k, x in inputs.items()}, np.full(3000, earliest)
    )
    assert kstest(np.asarray(draws), lambda y: np.interp(y, fto, cdf)).pvalue > 0.01


def test_the_first_decision_does_not_know_the_second_view_or_the_earliest():
    predictor, inputs = draw_context_predictor("causal"), draw_inputs("causal")
    other = inputs | {"end": draw_inputs("causal", 1)["end"]}
    for y in (-1.0, -0.01):
        assert predictor.log_prob(inputs, y, -2.0) == predictor.log_prob(other, y, -0.1)
        assert predictor.cdf(inputs, y, -2.0) == predictor.cdf(other, y, -0.1)
    assert predictor.log_prob(inputs, 0.3, -2.0) != predictor.log_prob(other, 0.3, -2.0)
