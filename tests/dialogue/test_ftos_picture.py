"""The picture of a dialogue's floor-transfer offsets."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from matplotlib.text import Text

from babble_jax.dialogue import ftos_picture
from babble_jax.dialogue.pieces import Pieces


def density(seconds: np.ndarray) -> np.ndarray:
    return np.exp(-np.abs(seconds)) / 2


@pytest.mark.parametrize("fto", [np.zeros(0), np.array([0.1]), np.array([-3.0, 0.2, 5.0])])
def test_offsets_are_drawn_however_few(fto: np.ndarray, tmp_path: Path):
    ftos_picture.plot_ftos(tmp_path / "o.png", fto, density, "test")
    assert image.imread(tmp_path / "o.png").shape[:2] == (640, 1280)
    ftos_picture.plot_ftos(tmp_path / "p.png", fto + 0.5, density, "test")
    same = (tmp_path / "o.png").read_bytes() == (tmp_path / "p.png").read_bytes()
    assert same == (len(fto) == 0)


def test_the_picture_names_the_reference_and_says_that_few_offsets_are_too_few(tmp_path: Path, monkeypatch):
    texts = []

    def keep_texts(figure, path, **options):
        texts.append({text.get_text() for text in figure.findobj(Text)})

    monkeypatch.setattr(ftos_picture, "save_png", keep_texts)
    for count in (9, 10):
        ftos_picture.plot_ftos(tmp_path / "f.png", np.full(count, 0.1), density, "callhome-german")
    few, enough = texts
    assert {"distribution of callhome-german", "this dialogue (9 offsets)"} <= few
    assert "Floor-transfer offsets at level ipu, timing callhome-german" in few
    assert few - enough == {
        "too few offsets to compare:\nmake a longer dialogue",
        "this dialogue (9 offsets)",
    }


def test_the_band_lies_between_the_quantiles_of_the_pieces(tmp_path: Path):
    ftos = tuple(np.full(10, at) for at in np.repeat([-0.1, 0.1], [1, 39]))
    pieces = Pieces(60.0, np.zeros((40, 15)), (*ftos, np.zeros(0)))
    low, high = pieces.density_band(np.array([-0.2, 0.0, 0.2]))
    assert np.allclose([low, high], [[0, 5], [0, 5]])
    ftos_picture.plot_ftos(tmp_path / "without.png", np.array([0.1]), density, "test")
    ftos_picture.plot_ftos(tmp_path / "with.png", np.array([0.1]), density, "test", pieces)
    assert (tmp_path / "without.png").read_bytes() != (tmp_path / "with.png").read_bytes()
