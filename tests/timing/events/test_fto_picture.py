"""The picture of floor-transfer offsets."""

import numpy as np
import PIL.Image

from babble_jax.timing.events.fto_picture import BIN_WIDTH, REACH, bin_edges, plot_fto_histogram


def test_zero_is_an_edge():
    edges = bin_edges()
    assert (edges[0], edges[-1], 0.0 in edges) == (-REACH, REACH, True)
    np.testing.assert_allclose(np.diff(edges), BIN_WIDTH)


def test_it_is_drawn_with_and_without_offsets(tmp_path):
    cdf = (bin_edges() + REACH) / (2 * REACH)
    fto = np.random.default_rng(0).normal(0.1, 0.5, 100)
    for part, interval in ((fto, [0.0, 0.2]), (fto[:0], None)):
        path = tmp_path / f"{len(part)}.png"
        plot_fto_histogram(path, part, fto_level="turn", interval=interval, reference=("a $name", cdf))
        with PIL.Image.open(path) as picture:
            assert picture.size == (880, 440)
