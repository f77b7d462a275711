"""The log-linear fit of counts. Axes: C states, W columns of numbers, Z columns of indicators."""

from typing import NamedTuple

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

from babble_jax.timing.floor.loglinear import fit_loglinear


class Problem(NamedTuple):
    """The arguments of `fit_loglinear`, but for the weights to begin from."""

    dense: np.ndarray
    sparse: scipy.sparse.csr_array
    events: np.ndarray
    exposed: np.ndarray
    precision: np.ndarray

    @property
    def columns(self) -> np.ndarray:
        return np.concatenate([self.dense, self.sparse.toarray()], axis=1)

    def loss(self, weights: np.ndarray) -> float:
        """Returns the negative penalised log-likelihood."""
        log_hazard = self.columns @ weights
        nats = self.events @ log_hazard - self.exposed @ np.exp(log_hazard)
        return float(self.precision @ weights**2 / 2 - nats)

    def gradient(self, weights: np.ndarray) -> np.ndarray:
        """Returns the gradient of `loss`."""
        rest = self.events - self.exposed * np.exp(self.columns @ weights)
        return self.precision * weights - self.columns.T @ rest


def make_problem(seed: int, precision: float = 2.0) -> Problem:
    """Draws counts of 300 states from hazards that are log-linear in 4 numbers and 10 indicators."""
    rng = np.random.default_rng(seed)
    dense = np.concatenate([rng.normal(size=(300, 3)), np.ones((300, 1))], axis=1)
    indices = np.arange(300), rng.integers(0, 10, 300)
    sparse = scipy.sparse.csr_array((np.ones(300), indices), shape=(300, 10))
    weights = np.concatenate([rng.normal(0, 0.5, 3), [-3.0], rng.normal(0, 0.5, 10)])
    exposed = rng.uniform(0, 500, 300)
    events = rng.poisson(exposed * np.exp(dense @ weights[:4] + sparse @ weights[4:]))
    return Problem(dense, sparse, events.astype(float), exposed, np.full(14, precision))


@pytest.mark.parametrize("seed", range(5))
def test_the_optimum_is_that_of_a_general_optimizer(seed):
    problem = make_problem(seed)
    weights = fit_loglinear(*problem, np.zeros(14))
    start = np.zeros(14)
    start[3] = -3.0
    reference = scipy.optimize.minimize(problem.loss, start, jac=problem.gradient, method="BFGS").x
    np.testing.assert_allclose(weights, reference, atol=1e-3)
    assert problem.loss(weights) == pytest.approx(problem.loss(reference), abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_is_zero_at_the_optimum(seed):
    problem = make_problem(seed)
    weights = fit_loglinear(*problem, np.zeros(14))
    assert np.linalg.norm(problem.gradient(np.zeros(14))) > 1000
    assert np.linalg.norm(problem.gradient(weights)) < 0.1


def test_the_ridge_shrinks_the_weights_and_fills_empty_columns():
    loose, strict = (fit_loglinear(*make_problem(0, precision), np.zeros(14)) for precision in (0.1, 1000.0))
    assert np.linalg.norm(strict) < 0.7 * np.linalg.norm(loose)
    problem = make_problem(0)
    empty = problem._replace(sparse=scipy.sparse.csr_array((300, 10)))
    weights = fit_loglinear(*empty, np.ones(14))
    np.testing.assert_allclose(weights[4:], 0, atol=0.05)  # only the prior speaks of them


def test_a_step_too_far_is_refused():
    """From far below, a full Newton step would overshoot to log-hazards in the hundreds."""
    problem = make_problem(1)
    start = np.zeros(14)
    start[3] = -12.0
    rest = problem.events - problem.exposed * np.exp(problem.columns @ start)
    curvature = (problem.columns.T * (problem.events - rest)) @ problem.columns + np.diag(problem.precision)
    full = start - np.linalg.solve(curvature, problem.gradient(start))
    assert np.max(problem.columns @ full) > 100
    weights = fit_loglinear(*problem, start)
    np.testing.assert_allclose(weights, fit_loglinear(*problem, np.zeros(14)), atol=1e-3)
    optimum = fit_loglinear(*problem, weights)
    assert problem.loss(weights) == pytest.approx(problem.loss(optimum), abs=1e-3)


def test_weights_at_the_optimum_stay():
    problem = make_problem(2)
    weights = fit_loglinear(*problem, np.zeros(14))
    np.testing.assert_array_equal(fit_loglinear(*problem, weights), weights)
