"""Classes: a logit for each quantization level.

Axes: Q quantization levels, `...` any shape.
"""

import dataclasses

import jax
import jax.numpy as jnp

from babble_jax.voice.distributions.contract import Sampling


@dataclasses.dataclass(frozen=True)
class Categorical:
    """Distribution by a logit for each level, under the contract of `contract.Distribution`.

    The temperature divides the logits.

    Attributes:
      q_levels: Q.
    """

    q_levels: int

    @property
    def size(self) -> int:
        """Logits of a distribution, Q."""
        return self.q_levels

    def log_prob(self, outputs: jax.Array, samples: jax.Array) -> jax.Array:
        """Computes the log-probability of samples. See `contract.Distribution`."""
        log_probs = jax.nn.log_softmax(outputs)
        return jnp.take_along_axis(log_probs, samples[..., None], axis=-1)[..., 0]

    def is_mode(self, outputs: jax.Array, samples: jax.Array) -> jax.Array:
        """Tells whether samples are a most likely level. See `contract.Distribution`."""
        # far cheaper than an argmax
        return self.log_prob(outputs, samples) >= jnp.max(jax.nn.log_softmax(outputs), axis=-1)

    def cdf(self, outputs: jax.Array, sampling: Sampling) -> jax.Array:
        """Computes the cumulative probabilities of the levels, [..., Q]; the last one is 1."""
        logits = outputs
        if sampling.top_k and sampling.top_k < logits.shape[-1]:
            least = jax.lax.top_k(logits, sampling.top_k)[0][..., -1:]
            logits = jnp.where(logits < least, -jnp.inf, logits)
        cumulative = jnp.cumsum(jax.nn.softmax(logits / sampling.temperature), axis=-1)
        return cumulative / cumulative[..., -1:]  # rounding leaves the sum a little off 1

    def sample(self, outputs: jax.Array, uniform: jax.Array, sampling: Sampling = Sampling()) -> jax.Array:
        """Draws levels by the inverse cdf. See `contract.Distribution`.

        Args:
          outputs: [..., Q] float32 logits.
          uniform: [...] float32 in [0, 1).
          sampling: temperature and top k.
        """
        if sampling.temperature == 0:
            return jnp.argmax(outputs, axis=-1).astype(jnp.int32)
        return jnp.sum(self.cdf(outputs, sampling) <= uniform[..., None], axis=-1, dtype=jnp.int32)

    def check(self, sampling: Sampling) -> None:
        """Checks settings of a draw: it can follow all. See `contract.Distribution`."""
