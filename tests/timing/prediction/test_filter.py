"""The grid filter against brute force, and the predictor's contract. Axes: T offsets of one conversation."""

import json
import time

import jax
import numpy as np
import pytest
from scipy.stats import johnsonsu, kstest

from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.families import JOHNSON_SU
from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction import filter
from babble_jax.timing.prediction.model import SequentialCard, SequentialModel
from babble_jax.timing.prediction.population import Corpus, Population
from babble_jax.timing.prediction.scoring import score

POPULATION = Population(
    {"words": Corpus(0.15, 0.35), "utterances": Corpus(-0.1, 0.5)},
    shift=0.2, tail=1.2, dyad_loc=0.1, side_loc=0.12, dyad_log_scale=0.2, side_log_scale=0.15,
)  # fmt: skip
CARD = SequentialCard("simulated", 3, 100, 1, -0.5, 0.05, None, 20)
Y = np.array([0.3, -0.2, 0.9, 0.1, 2.5, -1.0])
SIDE = np.array([0, 1, 0, 0, 1, 0])


@pytest.fixture(scope="module")
def model() -> SequentialModel:
    return SequentialModel(POPULATION, "ipu", Definitions(), CARD)


def brute_force(y: np.ndarray, side: np.ndarray, corpus: Corpus) -> np.ndarray:
    """[T] log predictive densities by a Gauss-Hermite product rule over all six deviations, none integrated out."""
    node, weight = np.polynomial.hermite_e.hermegauss(9)
    weight = weight / weight.sum()
    points = np.stack(np.meshgrid(*[node] * 6, indexing="ij"), axis=-1).reshape(-1, 6)
    prior = np.stack(np.meshgrid(*[weight] * 6, indexing="ij"), axis=-1).reshape(-1, 6).prod(axis=1)
    d, e = points[:, 0] * POPULATION.dyad_loc, points[:, 1] * POPULATION.dyad_log_scale
    m = d[:, None] + points[:, 2:4] * POPULATION.side_loc
    log_scale = e[:, None] + points[:, 4:6] * POPULATION.side_log_scale
    density = np.stack([
        johnsonsu.pdf(
            value, POPULATION.shift, POPULATION.tail, corpus.loc + m[:, s], corpus.scale * np.exp(log_scale[:, s])
        )
        for value, s in zip(y, side, strict=True)
    ])  # fmt: skip
    joint = np.cumprod(density, axis=0) @ prior
    return np.log(joint / np.append(1, joint[:-1]))


@pytest.mark.parametrize("name", POPULATION.corpora)
def test_the_filter_is_brute_force(model, name):
    expected = brute_force(Y, SIDE, POPULATION.corpora[name])
    state, found = model.start(2, name), []
    for y, side in zip(Y, SIDE, strict=True):
        found.append(float(model.log_prob(state, y, side)))
        state = model.update(state, y, side)
    np.testing.assert_allclose(found, expected, atol=3e-4)
    prior = brute_force(Y[:1], 1 - SIDE[:1], POPULATION.corpora[name])
    np.testing.assert_allclose(found[0], prior[0], atol=3e-4)  # before any offset, both sides are alike


def test_scores_of_a_corpus_are_those_of_the_predictor(model):
    """Two conversations of three and two speakers; the second one starts anew."""
    side = np.array([0, 1, 2, 0, 1, 2, 1, 0, 1, 0])
    y = np.concatenate([Y, -Y[:4]])
    conversation, corpus = np.repeat([0, 5], [6, 4]), np.repeat([0, 1], [6, 4])
    scores = score(model.grid, y, side, conversation, corpus)
    state = None
    for i in range(10):
        if i in (0, 6):
            state = model.start(3 if i == 0 else 2, list(POPULATION.corpora)[corpus[i]])
        assert scores.log_prob[i] == pytest.approx(float(model.log_prob(state, y[i], side[i])), abs=1e-5)
        np.testing.assert_allclose(scores.moments[i], model.moments(state, side[i]), atol=1e-5)
        state = model.update(state, y[i], side[i])


def test_known_holds_offsets_back(model):
    """Predicting from the first `known` offsets is predicting where the others never were."""
    all_of = np.zeros(6, int)
    late = score(model.grid, Y, SIDE, all_of, all_of, known=np.array([0, 0, 1, 1, 4, 2]))
    state = model.start()
    for i in range(2):
        assert late.log_prob[i] == pytest.approx(float(model.log_prob(state, Y[i], SIDE[i])), abs=1e-5)
    changed = Y.copy()
    changed[2:5] = 7.0
    again = score(model.grid, changed, SIDE, all_of, all_of, known=np.array([0, 0, 1, 1, 4, 2]))
    assert again.log_prob[5] == late.log_prob[5]
    assert again.log_prob[4] != late.log_prob[4]


def test_what_a_side_shows_moves_the_other_one_less(model):
    state = model.start(3)
    for _ in range(30):
        state = model.update(state, 1.0, 0)
    own, other, third = (float(model.moments(state, side)[0]) for side in range(3))
    assert own > other > 0.02
    assert other == pytest.approx(third, abs=1e-6)


def test_without_spread_nothing_is_learnt():
    pinned = Population({"x": Corpus(0.1, 0.3)}, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    model = SequentialModel(pinned, "ipu", Definitions(), CARD)
    state = model.update(model.update(model.start(), 3.0, 0), -3.0, 1)
    law = {"loc": 0.1, "scale": 0.3, "shift": 0.0, "tail": 1.0}
    for y in (-2.0, 0.0, 0.4):
        assert float(model.log_prob(state, y, 0)) == pytest.approx(
            float(JOHNSON_SU.log_prob(law, y)), abs=1e-4
        )


def test_density_cdf_and_draws_agree(model):
    state = model.start()
    for y, side in zip(Y, SIDE, strict=True):
        state = model.update(state, y, side)
    grid = np.linspace(-40, 40, 16001)
    density = np.exp(jax.vmap(lambda y: model.log_prob(state, y, 1))(grid))
    cdf = np.asarray(jax.vmap(lambda y: model.cdf(state, y, 1))(grid))
    trapezoid = np.append(0, np.cumsum(0.005 * (density[1:] + density[:-1]) / 2))
    np.testing.assert_allclose(cdf, trapezoid + cdf[0], atol=1e-4)
    assert cdf[-1] == pytest.approx(1, abs=1e-3)
    draws = jax.vmap(lambda key: model.sample(key, state, 1))(jax.random.split(jax.random.key(0), 4000))
    assert kstest(np.asarray(draws), lambda y: np.interp(y, grid, cdf)).pvalue > 0.01


def test_it_stays_finite_far_out(model):
    state = model.start()
    for y in (20.0, -20.0, 20.0, -20.0, 0.0):
        assert np.isfinite(float(model.log_prob(state, y, 0)))
        state = model.update(state, y, 0)
    gradient = jax.grad(lambda y: model.log_prob(state, y, 1))(20.0)
    assert np.isfinite(float(gradient))
    long = model.start()
    for _ in range(2000):
        long = model.update(long, 0.1, 0)
    assert np.isfinite(float(model.log_prob(long, 0.1, 0)))
    assert np.isfinite(np.asarray(long.log_likelihood)).all()


def test_json_round_trip_and_refusals(model):
    values = json.loads(json.dumps(model.to_json(), allow_nan=False))
    assert SequentialModel.from_json(values) == model
    with pytest.raises(BabbleError, match="dyad_loc must be 0 or more"):
        SequentialModel.from_json(values | {"population": values["population"] | {"dyad_loc": -1}})
    broken = values["population"] | {"corpora": {"words": {"loc": 0, "scale": 0}}}
    with pytest.raises(BabbleError, match="scale above 0"):
        SequentialModel.from_json(values | {"population": broken})
    with pytest.raises(BabbleError, match="no corpus 'birds'"):
        model.start(2, "birds")
    with pytest.raises(BabbleError, match="at least two"):
        model.start(1)


def test_an_update_takes_less_than_a_millisecond(model):
    """Prediction and update, each compiled before; the fastest of many, since other work may run beside."""
    state = model.start()
    calls = {
        "log_prob": lambda: model.log_prob(state, 0.2, 1).block_until_ready(),
        "update": lambda: model.update(state, 0.2, 1).log_likelihood.block_until_ready(),
    }
    for call in calls.values():
        call()
        taken = []
        for _ in range(100):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
        assert min(taken) < 1e-3


def test_the_grid_is_fine_enough(monkeypatch):
    """Half the step changes little, on a long sequence too."""
    draw = np.random.default_rng(0)
    y, side = 0.15 + 0.4 * draw.standard_t(4, 300), draw.integers(0, 2, 300)
    zeros = np.zeros(300, int)
    coarse = score(filter.time_resolution_of(POPULATION), y, side, zeros, zeros).log_prob
    monkeypatch.setattr(filter, "LOCATIONS", 65)
    monkeypatch.setattr(filter, "SCALES", 49)
    fine = score(filter.time_resolution_of(POPULATION), y, side, zeros, zeros).log_prob
    assert abs(np.mean(coarse - fine)) < 1e-6
    assert np.max(np.abs(coarse - fine)) < 1e-4
