"""Likelihood of offsets on a coarse grid, for every family. Axes: N offsets."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate

from babble_jax.timing.distributions.binned import aggregate, bin_widths, log_mass
from babble_jax.timing.distributions.families import FAMILIES
from tests.timing.distributions.offset_distributions import PARAMETERS, parameters_of, values

GRID = 0.01
Y = np.array([-1.5, -0.31, -0.01, 0.0, 0.12, 1.4])


@pytest.fixture(params=list(FAMILIES))
def name(request) -> str:
    return request.param


MASS = {name: jax.jit(functools.partial(log_mass, family)) for name, family in FAMILIES.items()}


def mass(name, y, width):
    return MASS[name](parameters_of(name), y, width)


def test_tends_to_the_log_density(name):
    with jax.enable_x64(True):
        y = Y + 0.0013  # off the jumps and kinks
        density, _ = values(name, parameters_of(name), y)
        np.testing.assert_allclose(mass(name, y, 0.0), density, atol=1e-12)
        errors = [np.max(np.abs(mass(name, y, width) - density)) for width in (2e-3, 1e-3)]
    # of second order where the density is smooth, of first order where a node of the KDE is near
    assert errors[1] < 5e-3
    assert errors[1] < (0.6 if name == "kde" else 0.3) * errors[0] or errors[0] < 1e-12


def test_is_the_integral_of_the_density(name):
    """Against the trapezoid rule on 2,001 points per half cell; and so against the difference of the cdf."""
    params = parameters_of(name)
    with jax.enable_x64(True):
        fitted = np.exp(np.asarray(mass(name, Y, GRID))) * GRID
        for y, one in zip(Y, fitted, strict=True):
            # a jump at 0 belongs to the right half
            halves = [
                np.linspace(y - GRID / 2, y - 1e-12, 2001),
                np.linspace(y, y + GRID / 2, 2001),
            ]
            total = sum(
                scipy.integrate.trapezoid(np.exp(values(name, params, half)[0]), half) for half in halves
            )
            assert one == pytest.approx(total, rel=2e-4 if name == "kde" else 1e-6)
        difference = np.subtract(*(values(name, params, Y + sign * GRID / 2)[1] for sign in (1, -1)))
        np.testing.assert_allclose(fitted, difference, rtol=2e-4 if name == "kde" else 1e-5, atol=1e-12)


def test_is_finite_far_out(name):
    params = {key: jnp.asarray(value, jnp.float32) for key, value in parameters_of(name).items()}
    y = jnp.asarray([-20.0, 0.0, 20.0])

    def total(params):
        return jnp.sum(log_mass(FAMILIES[name], params, y, GRID))

    value, gradient = jax.jit(jax.value_and_grad(total))(params)
    assert value.dtype == jnp.float32
    assert np.isfinite(value)
    assert all(np.isfinite(slope).all() for slope in gradient.values())


def test_only_the_censored_fit_undoes_a_rounding():
    """Offsets of a narrow distribution, rounded: rounding adds a twelfth of the squared width to the variance."""
    exact = np.random.default_rng(0).normal(0.1, 0.15, 200_000)
    width = np.full(exact.size, 0.1)
    rounded = np.round(exact / 0.1) * 0.1
    normal = FAMILIES["normal"]
    assert normal.fit(rounded, width)["scale"] == pytest.approx(0.15, abs=0.001)
    assert normal.fit(rounded)["scale"] == pytest.approx(np.sqrt(0.15**2 + 0.1**2 / 12), abs=0.001)


def test_a_mixture_of_exact_and_rounded_offsets():
    """Width 0 is an exact offset: with all widths 0 the fit is the plain one."""
    y = np.random.default_rng(1).logistic(0.1, 0.3, 500)
    one, two = FAMILIES["logistic"].fit(y, np.zeros(500)), FAMILIES["logistic"].fit(y)
    for key in one:
        assert one[key] == pytest.approx(two[key], abs=1e-4)


def test_cells_of_coarse_grids_only():
    assert bin_widths(np.array([0.0, 0.000125, 0.001])) is None
    np.testing.assert_array_equal(bin_widths(np.array([0.001, 0.01, 0.005])), [0, 0.01, 0.005])


def test_distinct_offsets_and_their_shares():
    y, width, share = aggregate(np.array([0.1, 0.3 - 0.2, 0.5, 0.1]), np.array([0.01, 0.01, 0.01, 0.0]))
    np.testing.assert_allclose(y, [0.1, 0.1, 0.5])
    np.testing.assert_array_equal(width, [0.0, 0.01, 0.01])
    np.testing.assert_array_equal(share, [0.25, 0.5, 0.25])


def test_every_family_has_parameters():
    assert set(PARAMETERS) == set(FAMILIES)
