"""Effects of people and pairs. Axes: K groups of hazards."""

import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from babble_jax.timing.floor import effects
from babble_jax.timing.floor.effects import EffectCounts
from tests.timing.floor.floors import K


def test_effects_are_integrated_out():
    """The bound against quadrature, one speaker, one group."""
    rng = np.random.default_rng(0)
    events_, expected = np.zeros((4, K)), np.full((4, K), 1e-12)
    events_[:, 2], expected[:, 2] = (10, 25, 40, 60), rng.uniform(20, 40, 4)
    own = 0.2 * np.eye(K)
    counts = EffectCounts(events_, expected, np.arange(4))
    bound = effects.infer_effects(counts, own, np.zeros((K, K)))[0].log_marginal
    for e, m, value in zip(events_[:, 2], expected[:, 2], bound, strict=True):
        plain = scipy.integrate.quad(
            lambda b, e=e, m=m: np.exp(e * b - m * np.expm1(b)) * scipy.stats.norm.pdf(b, 0, np.sqrt(0.2)),
            -3,
            3,
        )[0]
        assert value == pytest.approx(np.log(plain), abs=0.01)


@pytest.mark.parametrize("speakers", [1, 2, 4])
def test_the_joint_covariance_holds_own_and_shared(speakers):
    rng = np.random.default_rng(speakers)
    a, b = rng.normal(size=(2, K, K))
    own, shared = a @ a.T + b @ b.T, a @ a.T * 0.5
    joint = effects.joint_covariance(own, shared, speakers).reshape(speakers, K, speakers, K)
    for s in range(speakers):
        for other in range(speakers):
            np.testing.assert_allclose(joint[s, :, other], own if s == other else shared, atol=1e-8)
