"""Encodings of texts: with marks and without."""

import pytest

from babble_jax.conversation.detection import FORMATS, decode
from babble_jax.conversation.reading import read
from tests.conversation.layout.test_tiers import ANN, BEN
from tests.conversation.soundness import VALID
from tests.conversation.test_inspect import write_textgrid


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("latin-1", "cp1252"),
        ("cp1252", "cp1252"),
    ],
)
def test_a_textgrid_is_read_in_every_encoding_and_a_guess_is_said(tmp_path, encoding, name):
    path = tmp_path / "talk.TextGrid"
    write_textgrid(path, {"Zoé": ANN, "ben": BEN})
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    assert decode(path.read_bytes())[1] == name
    reading = read(path)
    assert reading.conversations[0].speakers == ("Zoé", "ben")
    assert reading.skipped == ()
    assert len(reading.notes) == (name in ("utf-16-le", "utf-16-be", "cp1252"))


@pytest.mark.parametrize(
    "data", ["é à ü".encode() * 3 + b"\xe9 ", "日本語".encode() + b"\xff", b"a\x81b", b"", b"ab", b"\x00"]
)
def test_a_broken_byte_makes_no_other_encoding(data):
    assert decode(data)[1] == "utf-8"


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "channels"])
def test_no_two_formats_take_the_same_file(name):
    head = VALID[name][0].decode()
    assert [other for other, module in FORMATS.items() if module.sniff(head)] == [name]
