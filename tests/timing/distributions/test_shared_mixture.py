"""Components that corpora share. Axes: N offsets, K components."""

import jax
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.shared_mixture import SharedMixture, fit_shared
from babble_jax.timing.evaluation.offsets.scores import log_density

LOC, SCALE = np.array([-1.0, 0.0, 1.5]), np.array([0.3, 0.1, 0.4])
WEIGHT = {"one": np.array([0.2, 0.7, 0.1]), "two": np.array([0.6, 0.1, 0.3])}


def samples(weight: np.ndarray, count: int, seed: int) -> np.ndarray:
    """[N] offsets."""
    draw = np.random.default_rng(seed)
    k = draw.choice(3, count, p=weight)
    return draw.normal(LOC[k], SCALE[k])


@pytest.fixture(scope="module")
def corpora() -> dict[str, np.ndarray]:
    """A large one and a small one."""
    return {"one": samples(WEIGHT["one"], 20_000, 0), "two": samples(WEIGHT["two"], 2_000, 1)}


def test_components_and_weights_are_recovered(corpora):
    family, params = fit_shared(corpora, 3)
    np.testing.assert_allclose(family.loc, LOC, atol=0.03)
    np.testing.assert_allclose(family.scale, SCALE, atol=0.02)
    for name, weight in WEIGHT.items():
        np.testing.assert_allclose(params[name]["weight"], weight, atol=0.03)
        assert params[name]["weight"].sum() == pytest.approx(1)
        # fitting the weights alone, with these components, finds the same
        own = family.fit(corpora[name])
        np.testing.assert_allclose(own["weight"], params[name]["weight"], atol=1e-3)


def test_a_large_corpus_does_not_drown_a_small_one(corpora):
    """Ten times the offsets of one corpus change nothing: it counts as before."""
    family, _ = fit_shared(corpora, 3)
    repeated, _ = fit_shared({"one": np.tile(corpora["one"], 10), "two": corpora["two"]}, 3)
    np.testing.assert_allclose(repeated.loc, family.loc, atol=1e-3)
    np.testing.assert_allclose(repeated.scale, family.scale, atol=1e-3)


def test_cells_of_one_corpus_only(corpora):
    """Rounded to 0.2 s, twice the narrowest scale, the small corpus still leads to the same components."""
    rounded = {"one": corpora["one"], "two": np.round(corpora["two"] / 0.2) * 0.2}
    family, params = fit_shared(rounded, 3, {"one": None, "two": np.full(2_000, 0.2)})
    np.testing.assert_allclose(family.scale, SCALE, atol=0.02)
    np.testing.assert_allclose(params["two"]["weight"], WEIGHT["two"], atol=0.04)


def test_weights_are_a_concave_problem():
    """No other weights of the family are better, wherever they lie."""
    family = SharedMixture()
    y = FAMILIES["johnson_su"].sample(
        {"loc": 0.1, "scale": 0.4, "shift": -0.3, "tail": 1.1}, jax.random.key(0), (2000,)
    )
    fitted = family.fit(np.asarray(y))
    best = np.mean(log_density(family, fitted, np.asarray(y)))
    draw = np.random.default_rng(0)
    for _ in range(20):
        other = 0.9 * fitted["weight"] + 0.1 * draw.dirichlet(np.ones(family.components))
        assert np.mean(log_density(family, {**fitted, "weight": other}, np.asarray(y))) < best + 1e-7


def test_offsets_that_cannot_be_fitted_name_their_corpus(corpora):
    with pytest.raises(BabbleError, match="shared_mixture of short"):
        fit_shared({"one": corpora["one"], "short": np.zeros(3)}, 3)
