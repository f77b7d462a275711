"""Quantizers: inverse to each other, monotone, and equal to values computed by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.audio.quantize import Companding, Quantizer

KINDS: tuple[Companding, ...] = ("linear", "mu_law", "a_law")
LEVELS = (2, 255, 256, 1000, 65_535, 65_536)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("levels", LEVELS)
def test_every_code_survives_decoding_and_encoding(kind, levels):
    quantizer = Quantizer(kind, levels)
    codes = jnp.arange(levels)
    audio = quantizer.decode(codes)
    assert audio.dtype == jnp.float32
    np.testing.assert_array_equal(quantizer.encode(audio), codes)


@pytest.mark.parametrize("kind", KINDS)
def test_compiled_is_the_same(kind):
    quantizer = Quantizer(kind, 65_536)
    codes = jnp.arange(65_536)
    np.testing.assert_array_equal(jax.jit(lambda i: quantizer.encode(quantizer.decode(i)))(codes), codes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("levels", LEVELS)
def test_zero_is_the_code_of_silence_and_the_range_is_closed(kind, levels):
    quantizer = Quantizer(kind, levels)
    codes = quantizer.encode(np.array([0.0, -0.0, -1.0, 1.0, -7.0, 7.0], np.float32))
    assert codes.dtype == jnp.int32
    last = levels - 1
    np.testing.assert_array_equal(codes, [quantizer.zero, quantizer.zero, 0, last, 0, last])


@pytest.mark.parametrize("kind", KINDS)
def test_encoding_is_monotone_and_agrees_with_the_edges(kind):
    quantizer = Quantizer(kind, 256)
    audio = np.linspace(-1, 1, 20_001).astype(np.float32)
    codes = np.asarray(quantizer.encode(audio))
    assert np.all(np.diff(codes) >= 0)
    edges = quantizer.edges()
    expected = np.clip(np.searchsorted(edges, audio, side="right") - 1, 0, 255)
    far = np.min(np.abs(audio[:, None] - edges), axis=1) > 1e-6  # float32 may round across an edge
    assert far.sum() > 19_000
    np.testing.assert_array_equal(codes[far], expected[far])


@pytest.mark.parametrize("kind", KINDS)
def test_widths_tile_the_range_and_bound_the_error(kind):
    quantizer = Quantizer(kind, 300)
    widths = 2.0 ** np.asarray(quantizer.log2_widths(), np.float64)
    assert widths.sum() == pytest.approx(2.0, abs=1e-5)
    audio = np.random.default_rng(0).uniform(-1, 1, 5000).astype(np.float32)
    codes = np.asarray(quantizer.encode(audio))
    assert np.all(np.abs(np.asarray(quantizer.decode(codes)) - audio) <= widths[codes] / 2 + 1e-6)


def test_values_by_hand():
    # mu-law, x = 0.5: log(128.5) / log(256) = 0.875707; (1.875707) * 128 = 240.09.
    assert int(Quantizer("mu_law").encode(jnp.float32(0.5))) == 240
    # a-law, x = 0.5: (1 + log(43.8)) / (1 + log(87.6)) = 0.873344; (1.873344) * 128 = 239.79.
    assert int(Quantizer("a_law").encode(jnp.float32(0.5))) == 239
    # a-law, x = 0.005 < 1 / 87.6: 0.438 / 5.472767 = 0.080033; 1.080033 * 128 = 138.24.
    assert int(Quantizer("a_law").encode(jnp.float32(0.005))) == 138
    assert int(Quantizer("linear").encode(jnp.float32(-0.25))) == 96
    assert float(Quantizer("linear").decode(jnp.int32(96))) == -0.25 + 1 / 256


def test_linear_65536_is_the_pcm_sample():
    pcm = np.arange(-32_768, 32_768)
    np.testing.assert_array_equal(Quantizer("linear", 65_536).encode(pcm / 32_768) - 32_768, pcm)


def test_widths_make_bits_comparable_across_quantizers():
    rng = np.random.default_rng(1)
    audio = np.clip(rng.normal(0, 0.1, 200_000), -1, 1).astype(np.float32)

    def differential_entropy(quantizer: Quantizer) -> float:
        codes = np.asarray(quantizer.encode(audio))
        p = np.bincount(codes, minlength=quantizer.q_levels) / len(codes)
        return float(
            -np.sum(p[p > 0] * np.log2(p[p > 0])) + np.asarray(quantizer.log2_widths())[codes].mean()
        )

    expected = 0.5 * np.log2(2 * np.pi * np.e * 0.01)
    for kind in KINDS:
        assert differential_entropy(Quantizer(kind, 256)) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("kind", "levels"), [("linear", 1), ("linear", 65_537), ("ulaw", 256)])
def test_bad_settings_are_refused(kind, levels):
    with pytest.raises(ValueError, match="choose"):
        Quantizer(kind, levels)
