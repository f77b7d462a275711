"""Figures: a PNG of their size, in full colour or with a palette, and an error where it cannot be written."""

import pytest
from PIL import Image

from babble_jax import plotting
from babble_jax.errors import BabbleError


def test_a_figure_is_a_png_of_its_size(tmp_path):
    figure = plotting.create_figure(4, 2)
    figure.subplots().plot([0, 1], [1, 0])
    plotting.save_png(figure, tmp_path / "a.png", dpi=50)
    plotting.save_png(figure, tmp_path / "b.png", dpi=50, colours=16)
    with Image.open(tmp_path / "a.png") as full, Image.open(tmp_path / "b.png") as reduced:
        assert (full.format, full.size) == (reduced.format, reduced.size) == ("PNG", (200, 100))
        assert reduced.mode == "P"
        assert len(reduced.convert("RGB").getcolors()) <= 16 < len(full.convert("RGB").getcolors(99_999))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_a_figure_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(BabbleError, match="folder"):
        plotting.save_png(plotting.create_figure(1, 1), tmp_path / "folder")
