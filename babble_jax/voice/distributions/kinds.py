"""Chooses the distribution of a voice's samples by its config."""

from babble_jax.voice.distributions.categorical import Categorical
from babble_jax.voice.distributions.contract import Distribution
from babble_jax.voice.distributions.logistic_mixture import DiscretizedLogisticMixture

MOST_COMPONENTS = 100


def build_distribution(q_levels: int, mixture: int) -> Distribution:
    """Builds the distribution of a sample.

    Args:
      q_levels: quantization levels, Q.
      mixture: components of a mixture of logistics; 0 for a class for each level.
    """
    return DiscretizedLogisticMixture(q_levels, mixture) if mixture else Categorical(q_levels)
