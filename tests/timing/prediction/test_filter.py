"""The grid filter against brute force. Axes: T FTOs of one conversation."""

import jax
import numpy as np
import pytest
from scipy.stats import johnsonsu, kstest

from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction import filter
from babble_jax.timing.prediction.offset_predictor import OffsetPredictor
from babble_jax.timing.prediction.population import Corpus, Population
from babble_jax.timing.prediction.scoring import score_offsets
from tests.timing.prediction.predictors import CARD, POPULATION

Y = np.array([0.3, -0.2, 0.9, 0.1, 2.5, -1.0])
SPEAKER = np.array([0, 1, 0, 0, 1, 0])


@pytest.fixture(scope="module")
def predictor() -> OffsetPredictor:
    return OffsetPredictor(POPULATION, "ipu", Definitions(), CARD)


def brute_force(y: np.ndarray, speaker: np.ndarray, corpus: Corpus) -> np.ndarray:
    """[T] log predictive densities by a Gauss-Hermite product rule over all six deviations, none integrated out."""
    node, weight = np.polynomial.hermite_e.hermegauss(9)
    weight = weight / weight.sum()
    points = np.stack(np.meshgrid(*[node] * 6, indexing="ij"), axis=-1).reshape(-1, 6)
    prior = np.stack(np.meshgrid(*[weight] * 6, indexing="ij"), axis=-1).reshape(-1, 6).prod(axis=1)
    d, e = points[:, 0] * POPULATION.dyad_loc, points[:, 1] * POPULATION.dyad_log_scale
    m = d[:, None] + points[:, 2:4] * POPULATION.speaker_loc
    log_scale = e[:, None] + points[:, 4:6] * POPULATION.speaker_log_scale
    density = np.stack([
        johnsonsu.pdf(
            value, POPULATION.shift, POPULATION.tail, corpus.loc + m[:, s], corpus.scale * np.exp(log_scale[:, s])
        )
        for value, s in zip(y, speaker, strict=True)
    ])  # fmt: skip
    joint = np.cumprod(density, axis=0) @ prior
    return np.log(joint / np.append(1, joint[:-1]))


@pytest.mark.parametrize("name", POPULATION.corpora)
def test_the_filter_is_brute_force(predictor, name):
    expected = brute_force(Y, SPEAKER, POPULATION.corpora[name])
    state, log_probs = predictor.initial_state(2, name), []
    for fto, speaker in zip(Y, SPEAKER, strict=True):
        log_probs.append(float(predictor.log_prob(state, fto, speaker)))
        state = predictor.update(state, fto, speaker)
    np.testing.assert_allclose(log_probs, expected, atol=3e-4)
    prior = brute_force(Y[:1], 1 - SPEAKER[:1], POPULATION.corpora[name])
    np.testing.assert_allclose(
        log_probs[0], prior[0], atol=3e-4
    )  # before any offset, both speakers are alike


def test_what_a_speaker_shows_moves_the_other_one_less(predictor):
    state = predictor.initial_state(3)
    for _ in range(30):
        state = predictor.update(state, 1.0, 0)
    own, other, third = (float(predictor.moments(state, speaker)[0]) for speaker in range(3))
    assert own > other > 0.02
    assert other == pytest.approx(third, abs=1e-6)


def test_without_spread_nothing_is_learnt():
    pinned = Population({"x": Corpus(0.1, 0.3)}, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    predictor = OffsetPredictor(pinned, "ipu", Definitions(), CARD)
    state = predictor.update(predictor.update(predictor.initial_state(), 3.0, 0), -3.0, 1)
    params = {"loc": 0.1, "scale": 0.3, "shift": 0.0, "tail": 1.0}
    for y in (-2.0, 0.0, 0.4):
        assert float(predictor.log_prob(state, y, 0)) == pytest.approx(
            float(JOHNSON_SU.log_prob(params, y)), abs=1e-4
        )


def test_density_cdf_and_draws_agree(predictor):
    state = predictor.initial_state()
    for fto, speaker in zip(Y, SPEAKER, strict=True):
        state = predictor.update(state, fto, speaker)
    line = np.linspace(-40, 40, 16001)
    density = np.exp(jax.vmap(lambda y: predictor.log_prob(state, y, 1))(line))
    cdf = np.asarray(jax.vmap(lambda y: predictor.cdf(state, y, 1))(line))
    trapezoid = np.append(0, np.cumsum(0.005 * (density[1:] + density[:-1]) / 2))
    np.testing.assert_allclose(cdf, trapezoid + cdf[0], atol=1e-4)
    assert cdf[-1] == pytest.approx(1, abs=1e-3)
    draws = jax.vmap(lambda key: predictor.sample(key, state, 1))(jax.random.split(jax.random.key(0), 4000))
    assert kstest(np.asarray(draws), lambda y: np.interp(y, line, cdf)).pvalue > 0.01


def test_it_stays_finite_far_out(predictor):
    state = predictor.initial_state()
    for y in (20.0, -20.0, 20.0, -20.0, 0.0):
        assert np.isfinite(float(predictor.log_prob(state, y, 0)))
        state = predictor.update(state, y, 0)
    gradient = jax.grad(lambda y: predictor.log_prob(state, y, 1))(20.0)
    assert np.isfinite(float(gradient))
    long = predictor.initial_state()
    for _ in range(2000):
        long = predictor.update(long, 0.1, 0)
    assert np.isfinite(float(predictor.log_prob(long, 0.1, 0)))
    assert np.isfinite(np.asarray(long.log_likelihood)).all()


def test_the_grid_is_fine_enough(monkeypatch):
    """Half the step changes little, on a long sequence too."""
    draw = np.random.default_rng(0)
    y, speaker = 0.15 + 0.4 * draw.standard_t(4, 300), draw.integers(0, 2, 300)
    zeros = np.zeros(300, int)
    coarse = score_offsets(filter.make_grid(POPULATION), y, speaker, zeros, zeros).log_prob
    monkeypatch.setattr(filter, "LOCATIONS", 65)
    monkeypatch.setattr(filter, "SCALES", 49)
    fine = score_offsets(filter.make_grid(POPULATION), y, speaker, zeros, zeros).log_prob
    assert abs(np.mean(coarse - fine)) < 1e-6
    assert np.max(np.abs(coarse - fine)) < 1e-4
