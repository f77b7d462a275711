"""Tables of segments."""

import pytest

from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_table(tmp_path, delimiter, newline):
    (tmp_path / "x").write_bytes(annotations.table(delimiter).replace("\n", newline).encode())
    conversation = read_one(tmp_path / "x")
    assert segments(conversation) == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert conversation.windows.tolist() == [[0.5, 5.125]]
