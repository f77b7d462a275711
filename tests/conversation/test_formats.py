"""Every format: a small dialogue comes back as it was written."""

import numpy as np
import pytest
from praatio import textgrid
from praatio.utilities.constants import Interval, Point

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.ms98 import _parse_lines, parse
from babble_jax.conversation.reading import FORMATS, read
from babble_jax.conversation.source import Source, estimate_time_resolution
from tests.conversation import annotations


def segments(conversation):
    rows = zip(conversation.speaker, conversation.onset, conversation.end, strict=True)
    return sorted(((conversation.speakers[s], a, b) for s, a, b in rows), key=lambda row: row[1])


def marks(conversation):
    return conversation.mark[np.argsort(conversation.onset)].tolist()


def one(path, *more):
    reading = read([path, *more])
    assert reading.skipped == ()
    (conversation,) = reading.conversations
    return conversation


MARKS = [Mark.SPEECH, Mark.LAUGHTER, Mark.SPEECH, Mark.SPEECH]


def test_ms98(tmp_path):
    for speaker in "AB":
        (tmp_path / speaker).write_text(annotations.ms98(speaker))
    call = one(tmp_path)
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
    call = one(tmp_path)
    assert call.onset.tolist() == [2, 3, 4, 5, 6]
    assert marks(call) == [Mark.LAUGHTER, Mark.VOCAL_NOISE, Mark.SPEECH, Mark.SPEECH, Mark.SPEECH]
    assert call.speakers == ("A", "B")  # one who says nothing is a speaker too
    assert call.windows.tolist() == [[0, 5]]  # what both files cover


@pytest.mark.parametrize(
    "text", [annotations.ms98("A"), annotations.ms98("B").rstrip("\n"), annotations.ms98("A", "sw12345")]
)
def test_ms98_in_bulk_equals_line_by_line(text):
    (fast,), _ = parse(Source("x", text))
    (slow,), skipped = _parse_lines(Source("x", text))
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


def test_rttm(tmp_path):
    path = tmp_path / "x"
    others = ";; a comment\nSPKR-INFO talk 1 <NA> <NA> <NA> unknown A <NA>\n"
    path.write_text(others + annotations.rttm("talk.cha") + annotations.rttm("walk"))
    reading = read(path)
    assert reading.skipped == ()
    assert [c.id for c in reading.conversations] == ["talk", "walk"]
    for conversation in reading.conversations:
        assert segments(conversation) == annotations.SEGMENTS
        assert conversation.windows.tolist() == [[0.5, 5.125]]
        assert (conversation.unit, conversation.language) == ("utterance", None)
        assert conversation.corpus == tmp_path.name
        assert conversation.group == conversation.id


def test_sums_of_decimal_times_are_decimal(tmp_path):
    assert 0.1 + 0.2 != 0.3
    (tmp_path / "x").write_text(
        "SPEAKER t 1 0.1 0.2 <NA> <NA> A <NA> <NA>\nSPEAKER t 1 0.3 1 <NA> <NA> B <NA> <NA>\n"
    )
    assert one(tmp_path / "x").end.tolist() == [0.3, 1.3]


def test_an_end_is_never_rounded_to_before_its_start(tmp_path):
    (tmp_path / "x").write_text("SPEAKER t 1 0.10000000049 1e-320 <NA> <NA> A <NA> <NA>\n")
    conversation = one(tmp_path / "x")
    assert conversation.end.tolist() == conversation.onset.tolist() == [0.10000000049]


def test_mdtm(tmp_path):
    (tmp_path / "x").write_text(annotations.mdtm())
    conversation = one(tmp_path / "x")
    assert segments(conversation) == annotations.SEGMENTS
    assert conversation.windows.tolist() == [[0.5, 5.125]]


def test_nxt(tmp_path):
    for speaker in "fg":
        (tmp_path / speaker).write_text(annotations.nxt(speaker))
    conversation = one(tmp_path)
    names = {"f": "A", "g": "B"}
    assert [(names[s], a, b) for s, a, b in segments(conversation)] == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert (conversation.id, conversation.corpus, conversation.group) == ("q1ec1", "maptask", "q1e")
    assert (conversation.language, conversation.unit, conversation.time_resolution) == (
        "en-GB",
        "word",
        0.0001,
    )
    assert conversation.windows.tolist() == [[0, 5.375]]  # to the later end of the two speakers


def test_nxt_noises(tmp_path):
    kinds = [
        "laugh",
        "unintelligible",
        "inbreath",
        "outbreath",
        "breath",
        "lipsmack",
        "lowamp",
        "nonvocal",
        "cough",
    ]
    rows = [f'<noi start="{i}" end="{i + 1}" type="{kind}"/>' for i, kind in enumerate(kinds)]
    root = '<nite:root xmlns:nite="http://nite.sourceforge.net/" id="tu.q8nc8.{}">{}</nite:root>'
    for speaker in "fg":
        (tmp_path / speaker).write_text(root.format(speaker, "\n".join(rows)))
    conversation = one(tmp_path)
    assert conversation.onset.tolist() == [0, 1, 0, 1]
    assert conversation.mark.tolist() == [Mark.LAUGHTER, Mark.SPEECH] * 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_textgrid_long_form(tmp_path, encoding):
    path = tmp_path / "dinner.TextGrid"
    path.write_text(annotations.textgrid(), encoding=encoding)
    conversation = one(path)
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
    conversation = one(path)
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
    assert one(tmp_path / "x").mark.tolist() == ([] if mark is None else [mark])


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_table(tmp_path, delimiter, newline):
    (tmp_path / "x").write_bytes(annotations.table(delimiter).replace("\n", newline).encode())
    conversation = one(tmp_path / "x")
    assert segments(conversation) == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert conversation.windows.tolist() == [[0.5, 5.125]]


def test_formats_are_recognized_by_content(tmp_path):
    annotations.write_all(tmp_path)
    reading = read(tmp_path)
    assert reading.skipped == ()
    assert sorted(c.id for c in reading.conversations) == [
        "by-chat", "by-elan", "by-mdtm", "by-rttm", "by-table", "by-textgrid", "q1ec1", "sw2001",
    ]  # fmt: skip
    for conversation in reading.conversations:
        assert [row[1:] for row in segments(conversation)] == [row[1:] for row in annotations.SEGMENTS]
        assert conversation.onset.dtype == np.float64
        assert conversation.speaker.dtype == np.int32
        assert conversation.mark.dtype == np.uint8


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "channels"])
def test_a_named_format_reads_only_its_own(tmp_path, name):
    annotations.write_all(tmp_path)
    reading = read(tmp_path, format=name)
    assert len(reading.conversations) == 1
    assert len(reading.skipped) == 10 - FORMATS[name].FILES_PER_CONVERSATION
    assert all(name in skip.reason for skip in reading.skipped)


def test_the_time_resolution_is_estimated_from_the_onsets():
    hundredths = np.arange(1, 101) * 0.07
    assert estimate_time_resolution(hundredths) == 0.01
    hundredths[:5] += 0.001
    assert estimate_time_resolution(hundredths) == 0.01
    hundredths[5] += 0.001
    assert estimate_time_resolution(hundredths) == 0.001
    assert estimate_time_resolution(np.sqrt(np.arange(2, 50))) == 0
    assert estimate_time_resolution(np.zeros(0)) == 0
