"""16-bit samples and amplitudes: inverse to each other, and clipped."""

import numpy as np

from babble_jax.audio import pcm


def test_every_sample_survives_conversion():
    samples = np.arange(-32_768, 32_768).astype(np.int16)
    audio = pcm.from_int16(samples)
    assert audio.dtype == np.float32
    np.testing.assert_array_equal(audio, samples / 32_768)
    np.testing.assert_array_equal(pcm.to_int16(audio), samples)
    np.testing.assert_array_equal(pcm.to_int16(audio.astype(np.float64)), samples)


def test_amplitudes_beyond_full_scale_are_clipped():
    np.testing.assert_array_equal(
        pcm.to_int16(np.array([-2.0, -1.0, 1.0, 2.0])), [-32_768, -32_768, 32_767, 32_767]
    )


def test_the_peak_is_that_of_the_largest_magnitude():
    assert pcm.peak_amplitude(np.array([3, -32_768, 32_767], np.int16)) == 1.0
    assert pcm.peak_amplitude(np.array([[16_384], [-3]], np.int16)) == 0.5
    assert pcm.peak_amplitude(np.zeros(0, np.int16)) == 0.0
