"""TextGrids: both text forms, labels, broken files."""

import pytest
from praatio import textgrid
from praatio.utilities.constants import Interval, Point

from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


def put(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_textgrid_long_form(tmp_path, encoding):
    path = tmp_path / "dinner.TextGrid"
    path.write_text(annotations.textgrid(), encoding=encoding)
    conversation = read_one(path)
    assert segments(conversation) == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert (conversation.id, conversation.windows.tolist()) == ("dinner", [[0, annotations.END]])


@pytest.mark.parametrize("form", ["long_textgrid", "short_textgrid"])
def test_textgrid_as_praatio_writes_it(tmp_path, form):
    grid = textgrid.Textgrid()
    for name in "AB":
        own = [Interval(a, b, 'an "odd" label') for s, a, b in annotations.SEGMENTS if s == name]
        grid.addTier(textgrid.IntervalTier(name, own, 0, annotations.END))
    grid.addTier(textgrid.IntervalTier('C "the cat"', [Interval(1, 2, "sp")], 0, annotations.END))
    grid.addTier(textgrid.PointTier("points", [Point(1, "x")], 0, annotations.END))
    path = tmp_path / "x"
    grid.save(str(path), format=form, includeBlankSpaces=True)
    conversation = read_one(path)
    assert segments(conversation) == annotations.SEGMENTS
    assert conversation.speakers == ("A", "B", 'C "the cat"')


@pytest.mark.parametrize(
    ("label", "mark"),
    [
        ("sil", None),
        ("<SIL>", None),
        ("#", None),
        (" ", None),
        ("[sp]", None),
        ("LAUGHTER", 1),
        ("so", 0),
        ("2", 0),
    ],
)
def test_textgrid_labels(tmp_path, label, mark):
    text = f'"ooTextFile"\n"TextGrid"\n0\n2\n<exists>\n1\n"IntervalTier"\n"A"\n0\n2\n1\n0\n2\n"{label}"\n'
    (tmp_path / "x").write_text(text)
    assert read_one(tmp_path / "x").mark.tolist() == ([] if mark is None else [mark])


def test_textgrid_broken_interval(tmp_path):
    text = annotations.textgrid().replace("xmax = 1.25", "xmax = 0.25", 1)
    reading = read(put(tmp_path, "x", text))
    (skip,) = reading.skipped
    assert skip.line == text.split("\n").index("            xmax = 0.25 ") + 1
    assert len(reading.conversations[0].onset) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (annotations.textgrid()[:900], "the file ends early"),
        (annotations.textgrid().replace("xmin = 0.5", "xmin = half"), "where there should be a number"),
        (annotations.textgrid().replace("IntervalTier", "OtherTier"), "a tier of the class 'OtherTier'"),
        (annotations.textgrid().replace("size = 3", "size = 3.5"), "where there should be a count"),
        (annotations.textgrid().replace("xmin = 0 ", "xmin = nan ", 1), "not finite"),
    ],
)
def test_textgrid_broken_files(tmp_path, text, reason):
    path = put(tmp_path, "x", text)
    with pytest.raises(BabbleError, match=rf"{path}, line \d+: .*{reason}"):
        read(path)
