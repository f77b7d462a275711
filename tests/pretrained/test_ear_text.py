"""The training text of an ear: written and read again."""

from babble_jax.pretrained.ear_text import load_text, save_text
from tests.small_ear import TEXT, make_ear, write_ear


def test_phones_and_letters_come_back(tmp_path):
    config = make_ear().config
    assert load_text(tmp_path, config) is None
    save_text(TEXT, tmp_path / "ear", config)
    assert load_text(tmp_path / "ear", config) == load_text(tmp_path, config) == list(TEXT)
    letters = make_ear(("a", "b", " "), silence="-").config
    strings = [tuple("ab ba"), tuple("b")]
    save_text(strings, tmp_path / "letters", letters)
    assert load_text(tmp_path / "letters", letters) == strings


def test_an_ear_without_its_text_is_an_ear(tmp_path):
    assert load_text(write_ear(tmp_path / "ear"), make_ear().config) is None
