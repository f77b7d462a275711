"""The contract of every family of FTO distributions. Axes: N offsets."""

import json
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats

from babble_jax.errors import BabbleError
from babble_jax.timing.distributions import family as contract
from babble_jax.timing.distributions.families import FAMILIES, JOHNSON_SU
from babble_jax.timing.distributions.maximum_likelihood import SmoothFamily, maximum_likelihood
from babble_jax.timing.distributions.mixture import GaussianMixture
from babble_jax.timing.evaluation.offsets.scores import log_density
from tests.timing.distributions.offset_distributions import BLOCK, PARAMETERS, middle, parameters_of, values

GRID = np.linspace(-1.5, 2.0, 400)
SAMPLE = {name: jax.jit(family.sample, static_argnums=2) for name, family in FAMILIES.items()}


@pytest.fixture(scope="module")
def samples() -> dict[str, np.ndarray]:
    """[N] offsets from each distribution."""
    key = jax.random.key(3)
    return {name: np.asarray(SAMPLE[name](parameters_of(name), key, (BLOCK,)), float) for name in FAMILIES}


@pytest.fixture(scope="module")
def refitted(samples) -> dict[str, contract.Params]:
    """What each family makes of its own offsets."""
    return {name: family.fit(samples[name]) for name, family in FAMILIES.items()}


def test_every_family_is_known_here():
    assert set(PARAMETERS) == set(FAMILIES)
    assert all(family.name == name for name, family in FAMILIES.items())


@pytest.fixture(params=list(FAMILIES))
def name(request) -> str:
    return request.param


def test_density_integrates_to_one_and_cdf_is_its_integral(name):
    params = parameters_of(name)
    # asinh spacing: the heavy tails need reach, the narrow components need points
    y = np.sinh(np.linspace(-np.arcsinh(1e4), np.arcsinh(1e4), 400_001))
    # two-sided distributions jump at 0, the asymmetric Laplace distribution has a kink
    y = np.sort(np.append(y, [-1e-12, middle(name) or 0.5]))
    with jax.enable_x64(True):
        log_prob, cdf = values(name, params, y)
    density = np.exp(log_prob)
    integral = scipy.integrate.cumulative_trapezoid(density, y, initial=0)
    tails = cdf[0] + 1 - cdf[-1]
    assert tails < 1e-5
    assert integral[-1] + tails == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(cdf, integral + cdf[0], atol=1e-6)


def test_float32_agrees_with_float64(name):
    params = parameters_of(name)
    log_prob, cdf = values(name, params, GRID)
    assert log_prob.dtype == cdf.dtype == np.float32
    with jax.enable_x64(True):
        exact_log_prob, exact_cdf = values(name, params, GRID)
    np.testing.assert_allclose(log_prob, exact_log_prob, atol=2e-4)
    np.testing.assert_allclose(cdf, exact_cdf, atol=5e-6)


def test_samples_follow_the_cdf(name, samples):
    with jax.enable_x64(True):
        _, u = values(name, parameters_of(name), samples[name])
    assert scipy.stats.kstest(u, "uniform").pvalue > 1e-3


def test_fit_recovers_the_distribution(name, samples, refitted):
    params = parameters_of(name), refitted[name]
    with jax.enable_x64(True):
        (truth, _), (fitted, _) = (values(name, one, samples[name]) for one in params)
        (_, true_cdf), (_, cdf) = (values(name, one, GRID) for one in params)
    assert np.max(np.abs(cdf - true_cdf)) < 0.012
    # the maximum of the likelihood lies above the truth; the kernel density is no maximum, but comes near
    assert np.mean(fitted) > np.mean(truth) - (0.005 if name == "kde" else 1e-9)
    assert all(value.dtype == np.float64 for value in refitted[name].values())


@pytest.mark.parametrize(
    "unimodal", sorted(set(FAMILIES) - {"johnson_su_mixture", "gaussian_mixture", "shared_mixture", "kde"})
)
def test_fit_recovers_the_parameters(unimodal, refitted):
    for key, value in PARAMETERS[unimodal].items():
        assert refitted[unimodal][key] == pytest.approx(value, abs=0.02, rel=0.1)


def test_fit_recovers_the_components(refitted):
    for key, value in PARAMETERS["gaussian_mixture"].items():
        np.testing.assert_allclose(refitted["gaussian_mixture"][key], value, atol=0.1)


@pytest.mark.parametrize("smooth", sorted(set(FAMILIES) - {"kde"}))
def test_unconstrained_parameters_are_the_inverse(smooth):
    family, params = cast(SmoothFamily, FAMILIES[smooth]), parameters_of(smooth)
    with jax.enable_x64(True):
        back = family.constrain(family.unconstrain(params))
    for key, value in params.items():
        np.testing.assert_allclose(back[key], value, rtol=1e-9, atol=1e-9)


def test_mixture_starts_are_repeatable(samples):
    one, two = (GaussianMixture(5).start(samples["gaussian_mixture"]) for _ in range(2))
    for key in one:
        np.testing.assert_array_equal(one[key], two[key])


def test_values_and_gradients_are_finite_in_the_tails(name):
    family = FAMILIES[name]
    params = {key: jnp.asarray(value, jnp.float32) for key, value in parameters_of(name).items()}
    y = jnp.asarray([-20.0, -10.0, -1e-3, 0.0, params.get("loc", jnp.zeros(1)).ravel()[0], 10.0, 20.0])

    def total(params, y):
        return jnp.sum(family.log_prob(params, y)) + jnp.sum(family.cdf(params, y))

    value, (by_params, by_y) = jax.jit(jax.value_and_grad(total, argnums=(0, 1)))(params, y)
    assert np.isfinite(value)
    assert np.isfinite(by_y).all()
    for gradient in by_params.values():
        assert np.isfinite(gradient).all()


def test_gradient_of_the_cdf_is_the_density(name):
    params = parameters_of(name)
    with jax.enable_x64(True):
        y = np.append(GRID[::20] + 0.0013, middle(name))
        slope = jax.jit(jax.vmap(jax.grad(lambda at: FAMILIES[name].cdf(params, at))))(jnp.asarray(y))
        log_prob, _ = values(name, params, y)
    np.testing.assert_allclose(slope, np.exp(log_prob), rtol=1e-6, atol=1e-12)


def test_gradients_by_parameters_are_the_differences(name):
    """Of log density and cdf at once, by central differences in float64."""
    family, params = FAMILIES[name], parameters_of(name)
    y = GRID[::40] + 0.0013

    def total(params):
        log_prob, cdf = values(name, params, y)
        return np.sum(log_prob) + np.sum(cdf)

    def traced(params):
        return jnp.sum(family.log_prob(params, jnp.asarray(y))) + jnp.sum(family.cdf(params, jnp.asarray(y)))

    with jax.enable_x64(True):
        gradient = jax.jit(jax.grad(traced))({key: jnp.asarray(value) for key, value in params.items()})
        for key in params:
            if key == "bandwidth":  # above for the record; the density already holds it
                continue
            step = 1e-6 * np.ones_like(params[key])
            above, below = ({**params, key: params[key] + sign * step} for sign in (1, -1))
            difference = (total(above) - total(below)) / 2e-6
            assert float(jnp.sum(gradient[key])) == pytest.approx(float(difference), rel=1e-4, abs=1e-5)


def test_json_keeps_every_bit(name, refitted):
    text = json.dumps(contract.to_json(refitted[name]), allow_nan=False)
    back = contract.from_json(FAMILIES[name], json.loads(text))
    assert set(back) == set(refitted[name])
    for key, value in refitted[name].items():
        assert back[key].tobytes() == np.asarray(value, np.float64).tobytes()


@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_shapes_are_kept(name, shape):
    family, params = FAMILIES[name], parameters_of(name)
    y = jax.eval_shape(lambda: family.sample(params, jax.random.key(0), shape))
    log_prob, cdf = (jax.eval_shape(of, params, y) for of in (family.log_prob, family.cdf))
    assert y.shape == log_prob.shape == cdf.shape == shape


@pytest.mark.parametrize(
    "y", [np.zeros(0), np.zeros(100), np.array([0.1, np.nan] * 20)], ids=["none", "equal", "nan"]
)
def test_what_cannot_be_fitted_is_refused(name, y):
    with pytest.raises(BabbleError, match=name):
        FAMILIES[name].fit(y)


@pytest.mark.parametrize(
    "wrong",
    [
        {"loc": 0.0},
        {"loc": 0.0, "scale": 1.0, "df": 2.0},
        {"loc": [0.0], "scale": 1.0},
        {"loc": "x", "scale": 1.0},
    ],
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match="normal"):
        contract.from_json(FAMILIES["normal"], wrong)


@pytest.mark.parametrize(
    ("family", "reference"),
    [
        ("normal", scipy.stats.norm(0.1, 0.5)),
        ("logistic", scipy.stats.logistic(-0.3, 0.25)),
        ("student_t", scipy.stats.t(3.0, 0.1, 0.3)),
        ("johnson_su", scipy.stats.johnsonsu(-0.5, 1.2, 0.15, 0.35)),
        ("skew_normal", scipy.stats.skewnorm(2.0, -0.3, 0.6)),
        ("ex_gaussian", scipy.stats.exponnorm(0.4 / 0.25, -0.2, 0.25)),
        ("asymmetric_laplace", scipy.stats.laplace_asymmetric(np.sqrt(0.5), 0.1, np.sqrt(0.08))),
    ],
)
def test_agrees_with_scipy(family, reference):
    y = np.concatenate([GRID, [-20, 20]])
    with jax.enable_x64(True):
        log_prob, cdf = values(family, parameters_of(family), y)
    np.testing.assert_allclose(log_prob, reference.logpdf(y), atol=1e-10)
    np.testing.assert_allclose(cdf, reference.cdf(y), atol=1e-12)


@pytest.mark.parametrize("df", [0.5, 0.8, 1.0, 2.5, 30.0, 100.0])
def test_student_cdf_over_its_range(df):
    params = {"loc": 0.0, "scale": 1.0, "df": df}
    y = np.linspace(-20, 20, 81)
    with jax.enable_x64(True):
        _, cdf = values("student_t", params, y)
    np.testing.assert_allclose(cdf, scipy.stats.t(df).cdf(y), atol=1e-12)


def test_truncated_likelihood_undoes_a_truncation(samples):
    """Offsets above a bound each, as the floor has them: only the truncated fit finds the distribution they come
    from.
    """
    name, y = "johnson_su", samples["johnson_su"]
    lower = np.random.default_rng(5).uniform(-0.6, 0.2, len(y))
    above = y > lower
    truncated = maximum_likelihood(JOHNSON_SU, y[above], lower_bound=lower[above])
    with jax.enable_x64(True):
        distributions = parameters_of(name), truncated, JOHNSON_SU.fit(y[above])
        truth, fitted, plain = (values(name, distribution, GRID)[1] for distribution in distributions)
    assert np.max(np.abs(fitted - truth)) < 0.012
    assert np.max(np.abs(plain - truth)) > 0.03


@pytest.mark.parametrize("mixture", ["gaussian_mixture", "johnson_su_mixture"])
def test_mixtures_keep_off_a_single_offset(mixture):
    """Half of the offsets are equal: without a least scale the likelihood has no maximum."""
    y = np.concatenate([np.zeros(500), np.random.default_rng(0).normal(0, 0.5, 500)])
    params = FAMILIES[mixture].fit(y)
    assert params["scale"].min() >= 0.005
    assert all(np.isfinite(value).all() for value in params.values())


@pytest.mark.parametrize("mixture", ["gaussian_mixture", "johnson_su_mixture"])
def test_no_component_is_narrower_than_the_time_resolution(mixture):
    """Offsets timed to 40 ms, a tenth of them equal: a needle on these would have the best likelihood."""
    y = np.round(np.random.default_rng(1).normal(0.2, 0.4, 150), 2)
    y[:15] = 0.1
    params = FAMILIES[mixture].fit(y, np.full(150, 0.04))
    tail = np.maximum(params.get("tail", 1.0), 1.0)
    assert np.min(params["scale"] / tail) >= 0.04 - 1e-12
    assert params["scale"].max() <= 1e3


def test_johnson_su_mixture_is_the_sum_of_its_components():
    distribution, y = PARAMETERS["johnson_su_mixture"], np.append(GRID, [-20, 20])
    parts: list[tuple[float, Any]] = [
        (weight, scipy.stats.johnsonsu(shift, tail, loc, scale))
        for weight, loc, scale, shift, tail in zip(*distribution.values(), strict=True)
    ]
    with jax.enable_x64(True):
        log_prob, cdf = values("johnson_su_mixture", parameters_of("johnson_su_mixture"), y)
    np.testing.assert_allclose(np.exp(log_prob), sum(w * part.pdf(y) for w, part in parts), rtol=1e-10)
    np.testing.assert_allclose(cdf, sum(w * part.cdf(y) for w, part in parts), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "overlap"),
    [
        ("two_sided_log_normal", 1e-6),
        ("johnson_su", 0.05),
        *(
            pytest.param(name, overlap, marks=pytest.mark.slow)
            for name in ("two_sided_gamma", "two_sided_log_normal", "johnson_su")
            for overlap in (0.05, 1e-6, 0.3)
        ),
    ],
)
def test_no_side_is_narrower_than_the_time_resolution(name, overlap):
    """Overlaps that are all but the same: the likelihood of ever narrower distributions grows without bound."""
    rng = np.random.default_rng(0)
    y = np.concatenate([-overlap * (1 + 1e-6 * rng.standard_normal(40)), rng.gamma(2, 0.2, 60)])
    for width, least in ((None, contract.NARROWEST), (np.full(100, 0.01), 0.01)):
        params = FAMILIES[name].fit(y, width)
        nats = log_density(FAMILIES[name], params, y, width)
        assert (
            nats.max() < -np.log(least * np.sqrt(2 * np.pi)) + 1
        )  # that of a normal distribution so wide, and a bit
        assert nats.max() > 0.5


def test_the_start_that_leads_highest_counts():
    """Two narrow components far apart: from a start at which both are equal they stay equal, by symmetry."""
    family, y = GaussianMixture(2), np.random.default_rng(0).normal(np.repeat([-3.0, 3.0], 500), 0.1)
    good, bad = (
        {"logit": np.zeros(2), "loc": np.array(loc), "log_scale": np.full(2, np.log(0.1))}
        for loc in ([-2.9, 2.9], [0.1, 0.1])
    )
    with jax.enable_x64(True):
        score = {
            name: float(jnp.mean(family.log_prob(maximum_likelihood(family, y, start), y)))
            for name, start in {"good": good, "bad": bad, "both": [bad, good]}.items()
        }
    assert score["both"] == score["good"] > score["bad"] + 0.5


def test_kernel_density_scores_the_unseen():
    params = FAMILIES["kde"].fit(np.random.default_rng(0).normal(0, 0.1, 500))
    assert float(FAMILIES["kde"].log_prob(params, 20.0)) > -25


@pytest.mark.parametrize(
    ("family", "y"), [("ex_gaussian", -2.5), ("ex_gaussian", -1.2), ("skew_normal", -1.6)]
)
@pytest.mark.parametrize("precision", [False, True])
def test_thin_tails_of_the_cdf_keep_their_digits(family, y, precision):
    """Where the terms of the textbook formula cancel, down to 1e-19: against the integral of the density."""
    with jax.enable_x64(True):
        log_prob, _ = values(family, parameters_of(family), grid := np.linspace(y - 3, y, 40_001))
        integral = scipy.integrate.trapezoid(np.exp(log_prob), grid)
    with jax.enable_x64(precision):
        _, cdf = values(family, parameters_of(family), np.array([y]))
    assert float(cdf[0]) == pytest.approx(integral, rel=1e-5 if precision else 2e-3, abs=0)


@pytest.mark.parametrize("skew", [-8.0, -0.7, 0.0, 0.7, 8.0])
def test_skew_normal_cdf_over_its_range(skew):
    params, y = {"loc": 0.0, "scale": 1.0, "skew": skew}, np.linspace(-6, 6, 61)
    with jax.enable_x64(True):
        expected = scipy.stats.norm.cdf(y) - 2 * scipy.special.owens_t(y, skew)
        _, cdf = values("skew_normal", params, y)
    np.testing.assert_allclose(cdf, expected, atol=1e-12)


def test_asymmetric_laplace_fit_is_the_maximum(samples, refitted):
    """No loc on a fine grid has a higher likelihood with its own best sides."""
    y, fitted = samples["asymmetric_laplace"][:2000], FAMILIES["asymmetric_laplace"].fit
    best = fitted(y)
    reach = [np.sqrt(np.mean(np.maximum(sign * (y - loc), 0))) for sign in (1, -1) for loc in GRID]
    total = np.add(reach[: len(GRID)], reach[len(GRID) :])
    likelihood = -2 * np.log(np.min(total)) - 1
    with jax.enable_x64(True):
        assert np.mean(values("asymmetric_laplace", best, y)[0]) >= likelihood


@pytest.mark.parametrize("name", ["two_sided_gamma", "two_sided_log_normal"])
def test_two_sided_without_overlap_or_with_exact_zeros(name):
    y = np.concatenate([np.zeros(50), np.random.default_rng(0).gamma(2, 0.2, 500)])
    params = FAMILIES[name].fit(y)
    assert params["overlap"] < 1e-3
    assert all(np.isfinite(value) for value in params.values())
    with jax.enable_x64(True):
        assert np.isfinite(values(name, params, np.array([-20.0, -1.0, 0.0, 20.0]))).all()


def test_kernel_density_of_a_wild_offset_is_bounded():
    y = np.append(np.random.default_rng(0).normal(0, 0.1, 300), [1e6, -1e6])
    assert FAMILIES["kde"].fit(y)["density"].size < 110_000
