"""Draws and scores samples by the distribution that a voice has: classes, or a mixture of logistics.

Axes: P numbers that describe the distribution of a sample, Q levels, K components.
"""

from babble_jax.voice.sampling.native.arithmetic import inline
from babble_jax.voice.sampling.native.inverse_cdf import draw, log_prob
from babble_jax.voice.sampling.native.logistic_mixture import draw_from_mixture, score_mixture


@inline
def scratch_size(outputs, settings):
    """Returns how many numbers a draw overwrites.

    Args:
      outputs: P.
      settings: `request.DrawSettings`.
    """
    return max(outputs, 4 * settings.components)


@inline
def draw_sample(outputs, scratch, settings, uniform):
    """Draws a level.

    Args:
      outputs: [P] float32 at least, of a model.
      scratch: [`scratch_size`] float32, overwritten.
      settings: `request.DrawSettings`.
      uniform: float32 in [0, 1).
    """
    if settings.components:
        return draw_from_mixture(outputs, scratch, settings, uniform)
    return draw(outputs, scratch, settings.q_levels, settings.top_k, settings.temperature, uniform)


@inline
def score_sample(outputs, settings, sample):
    """Computes the log-probability (nats) of a level at temperature 1.

    Args:
      outputs: [P] float32 at least, of a model.
      settings: `request.DrawSettings`.
      sample: the level.
    """
    if settings.components:
        return score_mixture(outputs, settings, sample)
    return log_prob(outputs, settings.q_levels, sample)
