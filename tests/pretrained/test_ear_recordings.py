"""The recordings that an ear was trained on: written, read, found again, refused."""

import pytest

from babble_jax import files
from babble_jax.dataset.splits import split_from_name
from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.pretrained.ear_recordings import DIGESTS, is_among, load_digests, save_digests


def test_a_file_is_known_by_its_bytes(tmp_path):
    (tmp_path / "ear").mkdir()
    one, other = tmp_path / "one.wav", tmp_path / "other.wav"
    one.write_bytes(b"sound")
    other.write_bytes(b"sounds")
    assert load_digests(tmp_path) is None
    assert is_among(one, None) is None
    save_digests([files.sha256(one)], tmp_path / "ear")
    digests = load_digests(tmp_path)
    assert digests == load_digests(tmp_path / "ear")
    assert (is_among(one, digests), is_among(other, digests)) == (True, False)
    save_digests(digests or (), tmp_path)  # of digests that were shortened already
    assert load_digests(tmp_path) == digests
    (tmp_path / DIGESTS).write_text("a recording")
    with pytest.raises(BabbleError, match="holds no digests of 16 digits, one a line; delete the file"):
        load_digests(tmp_path)


def test_the_ear_that_ships_knows_the_excerpt_that_ships():
    digests = load_digests("ru")
    for path in registry.path("speech", "festvox-ru").iterdir():
        assert is_among(path, digests) == (split_from_name(path.name) == "train")
