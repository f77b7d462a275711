"""Pictures of fitted distributions."""

import numpy as np

from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.evaluation.offsets.ranking_picture import plot_offsets


def test_picture(tmp_path):
    fto = np.random.default_rng(0).normal(0.2, 0.5, 2000)
    path = tmp_path / "new" / "offsets.png"
    plot_offsets(path, fto, {"normal": FAMILIES["normal"].fit(fto)})
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 5000
    empty = tmp_path / "empty.png"
    plot_offsets(empty, np.zeros(0), {})
    assert empty.stat().st_size < path.stat().st_size
