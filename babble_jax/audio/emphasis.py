"""Pre-emphasis of sound before it is quantized, and its inverse.

Axes: T samples.

    y[t] = x[t] - c x[t - 1]

Speech falls by some 6 to 12 dB per octave, and the error of a quantizer does not: what 8 bits and a voice's own
uncertainty add lies far above the speech at high frequencies, and is heard as a hiss. Pre-emphasis makes the spectrum
flat, so that the inverse filter takes the high part of that error away with the emphasis. It makes past samples worth
more, too: in a steep spectrum the best prediction takes large differences of them, and with these their errors, the
quantizer's among them. Of voiced frames of a man's speech in 256 levels of mu-law, a linear prediction from 20 samples
has an error 22.2 dB below the speech, and with a coefficient of 0.85 26.2 dB; where noise of two levels lies on the
past samples, 16.2 and 22.1 dB. After LPCNet (Valin & Skoglund 2019, arXiv 1810.11846, section on pre-emphasis and
quantization), whose coefficient is 0.85.
"""

import jax
import jax.numpy as jnp
import numpy as np

MOST_EMPHASIS = 0.99
"""Largest coefficient: at 1 a constant could not be told from silence."""


def emphasize(audio: jax.Array, coefficient: float, before: jax.Array | None = None) -> jax.Array:
    """Computes the pre-emphasis of samples, in parts of any length.

    Args:
      audio: [..., T] float32.
      coefficient: c, from 0 (the samples stay as they are, to the bit) to `MOST_EMPHASIS`.
      before: [...] float32, the sample before each; None for silence.

    Returns:
      [..., T] float32.
    """
    if not coefficient:
        return audio
    first = jnp.zeros(audio.shape[:-1], audio.dtype) if before is None else before
    return audio - coefficient * jnp.concatenate([first[..., None], audio[..., :-1]], axis=-1)


def deemphasis_sections(coefficient: float) -> np.ndarray:
    """Returns the inverse filter, as second-order sections [1, 6] of `filters.run_sections`."""
    return np.array([[1.0, 0.0, 0.0, 1.0, -coefficient, 0.0]])


def deemphasize(audio: np.ndarray, coefficient: float) -> np.ndarray:
    """Undoes the pre-emphasis of whole streams, [..., T] float32, with the coefficient of `emphasize`."""
    from babble_jax.audio.filters import run_sections  # numba, which the config of a voice does without

    sections, streams = deemphasis_sections(coefficient), audio.reshape(-1, audio.shape[-1])
    lines = [run_sections(sections, stream, np.zeros((1, 2)))[0] for stream in streams]
    return np.array(lines, np.float32).reshape(audio.shape)
