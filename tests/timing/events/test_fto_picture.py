"""The picture of floor-transfer offsets."""

import numpy as np
import PIL.Image

from babble_jax.timing.events.fto_picture import (
    BIN_WIDTH,
    REACH,
    bin_edges,
    fto_density,
    offsets_label,
    plot_fto_histogram,
)


def test_zero_is_an_edge():
    edges = bin_edges()
    assert (edges[0], edges[-1], 0.0 in edges) == (-REACH, REACH, True)
    np.testing.assert_allclose(np.diff(edges), BIN_WIDTH)


def test_what_is_beyond_the_edges_is_in_no_bar_and_counted():
    fto = np.array([-2.001, -2.0, -0.7, 0.1 + 0.2, 1.9, 2.0, 2.5, 9.0])
    edges = np.linspace(-2, 2, 41)
    counts = np.round(fto_density(fto, edges) * 0.1 * len(fto), 6)
    assert dict(zip(np.flatnonzero(counts).tolist(), counts[counts > 0].tolist(), strict=True)) == {
        0: 1, 13: 1, 23: 1, 39: 2
    }  # fmt: skip
    assert offsets_label("people", fto, -2.0, 2.0) == "people (8)\n1 below -2 s\n2 beyond 2 s"
    assert offsets_label("people", fto[:3], -3.0, 2.0) == "people (3)"
    assert offsets_label("people", fto[:0], -2.0, 2.0) == "people (0)"
    assert not fto_density(fto[:0], edges).any()


def test_it_is_drawn_with_and_without_offsets(tmp_path):
    cdf = (bin_edges() + REACH) / (2 * REACH)
    fto = np.random.default_rng(0).normal(0.1, 0.5, 100)
    for part, interval in ((fto, [0.0, 0.2]), (fto[:0], None)):
        path = tmp_path / f"{len(part)}.png"
        plot_fto_histogram(path, part, fto_level="turn", interval=interval, reference=("a $name", cdf))
        with PIL.Image.open(path) as picture:
            assert picture.size == (880, 440)
