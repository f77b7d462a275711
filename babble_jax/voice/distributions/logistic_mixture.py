"""A discretized mixture of logistics (Salimans et al. 2017, PixelCNN++, arXiv 1701.05517, eq. 2-3), the output of
WaveNet in Tacotron 2 (Shen et al. 2018, arXiv 1712.05884, section 2.3: 10 components, 16 bits).

Axes: K components, Q quantization levels, J edges, `...` any shape.

The range [-1, 1] is cut into Q bins of width 2 / Q, as `audio.quantize.Quantizer` cuts the companded range. A level's
probability is that of its bin under the mixture; the outermost bins reach to infinity. In PixelCNN++ the middles of the
outermost bins, not their outer edges, lie at -1 and 1: a factor of Q / (Q - 1) on means and scales.
"""

import dataclasses
import math

import jax
import jax.numpy as jnp

from babble_jax.voice.distributions.contract import Sampling

MEAN_UNIT = 0.1
"""Mean where a model computes 1, in half the range: about the RMS of speech. A network begins with numbers near 1."""
INITIAL_LOG_SCALE = -3.0
"""Log of the scale where a model computes 0. Sound moves by about so much from one sample to the next, while a scale of
1, with which PixelCNN++ begins, takes many updates to shrink."""
_LEAST_BINS = math.exp(-2)
"""Least scale in bins; with 256 levels it is e^-6.9 of half the range, where PixelCNN++'s code has e^-7."""
LARGEST_LOG_SCALE = 7.0
_RADIX = 16
"""Base of the digits by which a level is found: 16 levels take one round of the search, 65,536 four."""


@dataclasses.dataclass(frozen=True)
class DiscretizedLogisticMixture:
    """Mixture of K logistics over the levels, under the contract of `contract.Distribution`.

    A model computes [..., 3 K] numbers: logits of the components, their means in units of `MEAN_UNIT`, and their log
    scales from `INITIAL_LOG_SCALE` on. The temperature divides the logits and multiplies the scales. The mode is taken
    to be the level of the mean of that component whose peak, weight over scale, is the highest: the mode itself where
    components lie apart.

    Attributes:
      q_levels: Q.
      components: K.
    """

    q_levels: int
    components: int = 10

    @property
    def size(self) -> int:
        """Numbers that describe a distribution, 3 K."""
        return 3 * self.components

    @property
    def least_log_scale(self) -> float:
        """Log of the least scale, in half the range."""
        return math.log(_LEAST_BINS * 2 / self.q_levels)

    def log_prob(self, outputs: jax.Array, samples: jax.Array) -> jax.Array:
        """Computes the log-probability of samples (eq. 2). See `contract.Distribution`.

        With a and b the distances of a bin's edges from the mean in scales, the difference of two sigmoids is a
        product, sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - e^(b - a)): no digits cancel, however far the bin
        lies from the mean, and no approximation by the density takes over there, as in PixelCNN++'s code.
        """
        logits, means, log_scales = self._components(outputs)
        width = 2 / self.q_levels
        upper = (samples[..., None] + 1) * jnp.float32(width) - 1 - means
        inverse = jnp.exp(-log_scales)
        a, b = upper * inverse, (upper - width) * inverse
        inside = jnp.log(-jnp.expm1(-width * inverse))
        below = jnp.where(samples[..., None] == self.q_levels - 1, 0.0, jax.nn.log_sigmoid(a))
        above = jnp.where(samples[..., None] == 0, 0.0, jax.nn.log_sigmoid(-b))
        outermost = (samples[..., None] == 0) | (samples[..., None] == self.q_levels - 1)
        bins = below + above + jnp.where(outermost, 0.0, inside)
        return jax.nn.logsumexp(jax.nn.log_softmax(logits) + bins, axis=-1)

    def is_mode(self, outputs: jax.Array, samples: jax.Array) -> jax.Array:
        """Tells whether samples are the level of the highest peak. See `contract.Distribution`."""
        return samples == self._mode(outputs)

    def cdf(self, outputs: jax.Array, levels: jax.Array, temperature: float = 1.0) -> jax.Array:
        """Computes the probability that a sample is at most a level.

        Args:
          outputs: [..., 3 K] float32, of a model.
          levels: [..., J] int32; those from Q - 1 on have a probability of 1.
          temperature: positive; see the class.

        Returns:
          [..., J] float32.
        """
        logits, means, log_scales = self._components(outputs)
        edges = (levels[..., None] + 1) * jnp.float32(2 / self.q_levels) - 1  # [..., J, 1]
        scaled = (edges - means[..., None, :]) * jnp.exp(-log_scales)[..., None, :] / temperature
        weights = jax.nn.softmax(logits / temperature)[..., None, :]
        below = jnp.sum(weights * jax.nn.sigmoid(scaled), axis=-1)
        return jnp.where(levels >= self.q_levels - 1, 1.0, below)

    def sample(self, outputs: jax.Array, uniform: jax.Array, sampling: Sampling = Sampling()) -> jax.Array:
        """Draws levels by the inverse cdf of the mixture itself. See `contract.Distribution`.

        The level is found digit by digit, from the highest one, to the base of `_RADIX`: in each round the cdf at
        `_RADIX` - 1 edges tells the next digit. So one uniform of 24 bits chooses among all levels, as it does for
        classes, and the sample grows with the uniform; a uniform that is split into a component and a value would jump.

        Args:
          outputs: [..., 3 K] float32, of a model.
          uniform: [...] float32 in [0, 1).
          sampling: temperature; no top k.
        """
        self.check(sampling)
        if sampling.temperature == 0:
            return self._mode(outputs)
        digits = jnp.arange(1, _RADIX, dtype=jnp.int32).reshape(*[1] * uniform.ndim, -1)
        level = jnp.zeros(uniform.shape, jnp.int32)
        step = 1
        while step * _RADIX < self.q_levels:
            step *= _RADIX
        while step:
            below = self.cdf(outputs, level[..., None] + digits * step - 1, sampling.temperature)
            level += step * jnp.sum(below <= uniform[..., None], axis=-1, dtype=jnp.int32)
            step //= _RADIX
        return level

    def check(self, sampling: Sampling) -> None:
        """Checks settings of a draw. See `contract.Distribution`.

        Raises:
          ValueError: there is a top k.
        """
        if sampling.top_k:
            raise ValueError(
                "top_k selects among classes, and this voice has a mixture of logistics; leave it at 0"
            )

    def _components(self, outputs: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        """Returns logits, means and log scales of the components, [..., K] each."""
        logits, means, log_scales = jnp.split(outputs, 3, axis=-1)
        return (
            logits,
            means * MEAN_UNIT,
            jnp.clip(log_scales + INITIAL_LOG_SCALE, self.least_log_scale, LARGEST_LOG_SCALE),
        )

    def _mode(self, outputs: jax.Array) -> jax.Array:
        """Returns the level of the mean of the component with the highest peak, [...] int32."""
        logits, means, log_scales = self._components(outputs)
        highest = jnp.argmax(logits - log_scales, axis=-1)[..., None]
        mean = jnp.take_along_axis(means, highest, axis=-1)[..., 0]
        level = jnp.floor((jnp.clip(mean, -1, 1) + 1) * (0.5 * self.q_levels)).astype(jnp.int32)
        return jnp.clip(level, 0, self.q_levels - 1)
