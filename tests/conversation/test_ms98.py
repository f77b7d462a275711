"""Word files of Switchboard."""

import numpy as np
import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats.ms98 import _parse_lines, parse
from babble_jax.conversation.reading import read
from babble_jax.conversation.source import Source
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


def test_ms98(tmp_path):
    for speaker in "AB":
        (tmp_path / speaker).write_text(annotations.ms98(speaker))
    call = read_one(tmp_path)
    assert segments(call) == annotations.SEGMENTS
    assert marks(call) == MARKS
    assert (call.id, call.corpus, call.group, call.language, call.unit) == (
        "sw2001", "switchboard", "sw2001", "en", "word",
    )  # fmt: skip
    assert call.windows.tolist() == [[0, annotations.END]]
    assert call.time_resolution == 0.000125


def test_ms98_marks_and_silences(tmp_path):
    words = ["[silence]", "[noise]", "[laughter]", "[vocalized-noise]", "[laughter-yes]", "yes", "[silence]-"]
    rows = [f"sw2001A-ms98-a-0001 {i} {i + 1} {word}\n" for i, word in enumerate(words)]
    (tmp_path / "A").write_text("".join(rows))
    (tmp_path / "B").write_text("sw2001B-ms98-a-0001 0 5 [silence]\n")
    call = read_one(tmp_path)
    assert call.onset.tolist() == [2, 3, 4, 5, 6]
    assert marks(call) == [Mark.LAUGHTER, Mark.VOCAL_NOISE, Mark.SPEECH, Mark.SPEECH, Mark.SPEECH]
    assert call.speakers == ("A", "B")  # one who says nothing is a speaker too
    assert call.windows.tolist() == [[0, 5]]  # what both files cover


@pytest.mark.parametrize(
    "text", [annotations.ms98("A"), annotations.ms98("B").rstrip("\n"), annotations.ms98("A", "sw12345")]
)
def test_ms98_in_bulk_equals_line_by_line(text):
    (fast,), _ = annotations.parse_conversations(parse, Source("x", text))
    (slow,), skipped = annotations.parse_conversations(_parse_lines, Source("x", text))
    assert not skipped
    for name in ("id", "corpus", "speakers", "unit", "language", "group", "time_resolution"):
        assert getattr(fast, name) == getattr(slow, name)
    for name in ("speaker", "onset", "end", "mark", "windows"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name))
        assert getattr(fast, name).dtype == getattr(slow, name).dtype


def test_ms98_transcripts_are_not_word_files(tmp_path):
    for speaker in "AB":
        (tmp_path / f"sw2001{speaker}-word").write_text(annotations.ms98(speaker))
        lines = [
            f"sw2001{speaker}-ms98-a-{n:04d} {n} {n + 1} {'well I see' if n % 2 else 'yes'}\n"
            for n in range(9)
        ]
        (tmp_path / f"sw2001{speaker}-trans").write_text("".join(lines))
    reading = read(tmp_path)
    assert segments(reading.conversations[0]) == annotations.SEGMENTS
    assert [skip.file[-5:] for skip in reading.skipped] == ["trans", "trans"]
