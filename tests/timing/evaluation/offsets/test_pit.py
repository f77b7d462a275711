"""The randomized probability integral transform. Axes: N offsets."""

import numpy as np
import pytest
import scipy.stats

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.evaluation.offsets import pit

NORMAL = {"loc": 0.1, "scale": 0.5}


def test_kolmogorov_is_scipys():
    u = np.random.default_rng(3).beta(1.1, 1, 400)
    assert pit.kolmogorov(u) == pytest.approx(scipy.stats.kstest(u, "uniform").statistic, abs=1e-14)
    assert pit.kolmogorov(np.array([0.5, 0.5])) == pytest.approx(0.5)


def test_randomized_pit_of_rounded_offsets_is_uniform():
    """Only the randomized one: rounded to 0.5 s the plain transform has a few values."""
    y = np.round(np.random.default_rng(4).normal(0.1, 0.5, 5000) / 0.5) * 0.5
    plain = pit.transform(FAMILIES["normal"], NORMAL, y)
    spread = pit.transform(FAMILIES["normal"], NORMAL, y, np.full(5000, 0.5))
    assert scipy.stats.kstest(spread, "uniform").pvalue > 0.01
    assert scipy.stats.kstest(plain, "uniform").pvalue < 1e-10


def test_band_holds_95_percent_of_bins():
    low, high = pit.band(2000, 20)
    draw = np.random.default_rng(5)
    densities = np.stack([np.histogram(draw.uniform(size=2000), 20, (0, 1))[0] for _ in range(200)]) / 100
    assert np.mean((densities >= low) & (densities <= high)) == pytest.approx(0.955, abs=0.015)
