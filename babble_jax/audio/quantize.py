"""Quantizes amplitudes to integer codes and back: linear, mu-law and a-law bins, any number of levels.

A quantizer cuts the *companded* range [-1, 1] into Q bins of equal width; code i is the bin
[2 i / Q - 1, 2 (i + 1) / Q - 1), and a code is decoded to the middle of its bin in amplitude.

Axes: Q codes, `...` any shape.
"""

import dataclasses
import functools
import math
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

Companding = Literal["linear", "mu_law", "a_law"]

# The constants of ITU-T G.711.
_MU = 255.0
_A = 87.6


@dataclasses.dataclass(frozen=True)
class Quantizer:
    """Encodes amplitudes and decodes codes, usable inside `jax.jit`; `encode(decode(i)) == i` for every code.

    The companding laws are those of ITU-T G.711 in their continuous form, with its constants mu = 255 and A = 87.6:

        mu-law  y = sign(x) log(1 + mu |x|) / log(1 + mu)
        a-law   y = sign(x) A |x| / (1 + log A)                 where |x| < 1 / A
                y = sign(x) (1 + log(A |x|)) / (1 + log A)      elsewhere

    They are generalised to any number of levels by keeping the constants and cutting y into Q equal
    bins. G.711 itself approximates each curve by straight segments and 256 levels; the bits of a phone line are
    not these.

    With an even number of levels zero is the lower edge of its bin, so that silence decodes to half a bin
    above zero; with an odd number it is the middle.

    Attributes:
      kind: the companding law.
      q_levels: number of codes Q, 2 to 65,536.

    Raises:
      ValueError: an unknown kind, or levels out of range.

    Examples:
      >>> Quantizer("mu_law").encode(np.array([-1.0, 0.0, 1.0])).tolist()
      [0, 128, 255]
    """

    kind: Companding = "linear"
    q_levels: int = 256

    def __post_init__(self) -> None:
        if self.kind not in ("linear", "mu_law", "a_law"):
            raise ValueError(f"kind is {self.kind!r}; choose linear, mu_law or a_law")
        if not 2 <= self.q_levels <= 65_536:
            raise ValueError(f"q_levels is {self.q_levels}; choose from 2 to 65536")

    @property
    def zero(self) -> int:
        """The code of silence, `encode(0.0)`."""
        return self.q_levels // 2

    def encode(self, audio: jax.Array | np.ndarray) -> jax.Array:
        """Converts amplitudes to codes.

        Args:
          audio: [...] float in [-1, 1]; what lies outside is clipped to the outermost bins. NaN has no code:
            the result for it is undefined, and `babble_jax.audio.wave.read` refuses it.

        Returns:
          [...] int32 in [0, Q).
        """
        x = jnp.clip(jnp.asarray(audio, jnp.float32), -1.0, 1.0)
        magnitude = jnp.abs(x)
        if self.kind == "mu_law":
            y = jnp.sign(x) * jnp.log1p(_MU * magnitude) / math.log1p(_MU)
        elif self.kind == "a_law":
            # The maximum keeps the logarithm finite in the branch that is not taken.
            curved = 1.0 + jnp.log(jnp.maximum(_A * magnitude, 1.0))
            y = jnp.sign(x) * jnp.where(magnitude < 1.0 / _A, _A * magnitude, curved) / (1.0 + math.log(_A))
        else:
            y = x
        code = jnp.floor((y + 1.0) * (0.5 * self.q_levels)).astype(jnp.int32)
        return jnp.clip(code, 0, self.q_levels - 1)  # y = 1 closes the last bin

    def decode(self, code: jax.Array | np.ndarray) -> jax.Array:
        """Converts codes to the amplitude in the middle of each bin; `centres` has all of them.

        Args:
          code: [...] integers in [0, Q); what lies outside is clipped.

        Returns:
          [...] float32 in (-1, 1).
        """
        return jnp.take(jnp.asarray(_centres(self)), jnp.asarray(code), mode="clip")

    def edges(self) -> np.ndarray:
        """Computes the edges of the bins, [Q + 1] float64 amplitudes, increasing: bin i is [edges[i], edges[i + 1])."""
        y = 2.0 * np.arange(self.q_levels + 1) / self.q_levels - 1.0
        magnitude = np.abs(y)
        if self.kind == "mu_law":
            return np.sign(y) * np.expm1(magnitude * np.log1p(_MU)) / _MU
        if self.kind == "a_law":
            scaled = magnitude * (1.0 + np.log(_A))
            return np.sign(y) * np.where(scaled < 1.0, scaled, np.exp(scaled - 1.0)) / _A
        return y

    def centres(self) -> np.ndarray:
        """Computes the amplitude in the middle of each bin, [Q] float32."""
        return _centres(self)

    def log2_widths(self) -> jax.Array:
        """Computes log2 of each bin's width in amplitude, [Q] float32.

        Bits per sample of two quantizers (or gains) compare as bits + mean(log2_widths()[code]) - log2(gain):
        up to the quantizer's own error this is the differential entropy of the signal before the gain.
        """
        return jnp.asarray(np.log2(np.diff(self.edges())), jnp.float32)


@functools.cache
def _centres(quantizer: Quantizer) -> np.ndarray:
    """Tabulates the middles of the bins, [Q] float32: a formula in float32 is too coarse for 65,536 codes."""
    edges = quantizer.edges()
    return (0.5 * (edges[:-1] + edges[1:])).astype(np.float32)
