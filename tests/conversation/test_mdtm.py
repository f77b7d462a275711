"""MDTM."""

from tests.conversation import annotations
from tests.conversation.annotations import read_one, segments


def test_mdtm(tmp_path):
    (tmp_path / "x").write_text(annotations.mdtm())
    conversation = read_one(tmp_path / "x")
    assert segments(conversation) == annotations.SEGMENTS
    assert conversation.windows.tolist() == [[0.5, 5.125]]
