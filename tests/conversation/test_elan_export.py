"""ELAN's export as tab-delimited text, with and without a header."""

import itertools

import pytest

from babble_jax.conversation.detection import FORMATS
from babble_jax.conversation.formats import elan_export
from babble_jax.conversation.reading import inspect, read
from babble_jax.conversation.source import Source
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments

ROWS = [("A", "", 0.78, 1.34, "hi"), ("B", "Bob", 2.0, 3.5, "12"), ("A", "", 61.0, 3723.25, "")]
EXPECTED = [("A", 0.78, 1.34), ("Bob", 2.0, 3.5), ("A", 61.0, 3723.25)]


def notations(seconds: float) -> dict[str, str]:
    minutes, rest = divmod(seconds, 60)
    clock = f"{int(minutes // 60):02d}:{int(minutes % 60):02d}:{rest:06.3f}"
    return {"clock": clock, "s": str(seconds), "ms": str(round(seconds * 1000)), "smpte": f"{clock[:8]}:12"}


def export(kinds: tuple[str, ...], participant: bool = True, duration: bool = True) -> str:
    """As ELAN writes it: begin, end and duration, each in all notations."""
    lines = []
    for tier, speaker, begin, end, value in ROWS:
        times = [begin, end, round(end - begin, 3)][: 3 if duration else 2]
        fields = [tier, speaker] if participant else [speaker or tier]
        fields += [notations(time)[kind] for time in times for kind in kinds]
        lines.append("\t".join([*fields, value]))
    return "\n".join(lines) + "\n"


SHAPES = [kinds for count in (1, 2, 3) for kinds in itertools.combinations(("clock", "s", "ms"), count)]


@pytest.mark.parametrize("kinds", [*SHAPES, ("clock", "smpte"), ("clock", "s", "smpte", "ms")])
@pytest.mark.parametrize("participant", [True, False])
@pytest.mark.parametrize("duration", [True, False])
def test_rows_without_a_header(tmp_path, kinds, participant, duration):
    text = export(kinds, participant, duration)
    (tmp_path / "x").write_text(text)
    if duration or "clock" in kinds:
        conversation = read_one(tmp_path / "x")
        assert segments(conversation) == EXPECTED
        assert conversation.time_resolution == 0.001
    else:  # two numbers may be anything
        assert not elan_export.sniff(text)


def test_the_dialogue(tmp_path):
    (tmp_path / "talk").write_text(annotations.elan_export())
    conversation = read_one(tmp_path / "talk")
    assert segments(conversation) == annotations.SEGMENTS
    assert marks(conversation) == MARKS


def test_a_broken_row_of_another_shape_is_skipped():
    row = export(("clock", "s", "ms")).split("\n")[0]
    text = export(("clock", "s")) + row.replace("hi", "h\ufffd") + "\n"
    (annotation,), (skip,) = elan_export.parse(Source("x", text))
    assert sum(map(len, annotation.tiers)) == len(ROWS)
    assert (skip.line, skip.reason) == (4, "the line holds bytes that are not UTF-8")


TIMES = ("Begin Time - hh:mm:ss.ms", "Begin Time - ss.msec", "End Time - hh:mm:ss.ms", "End Time - ss.msec")
HEADER = "\t".join([*TIMES, "Duration - ss.msec", ""])


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_a_column_for_each_tier(tmp_path, delimiter):
    text = HEADER + "A\tB\tgaze\n00:00:00.780\t0.78\t00:00:01.340\t1.34\t0.56\thi\t\t\n"
    text += "00:00:02.000\t2.0\t00:00:03.000\t3.0\t1.0\tfine\tyo\tleft\nbroken\n"
    (tmp_path / "x").write_text('"#file:///talk.mp4 -- offset: 0"\n' + text.replace("\t", delimiter))
    reading = read(tmp_path / "x")
    assert segments(reading.conversations[0]) == [("A", 0.78, 1.34), ("A", 2.0, 3.0), ("B", 2.0, 3.0)]
    assert [(skip.line, "fields" in skip.reason) for skip in reading.skipped] == [(5, True)]
    assert [tier.tier for tier in reading.tiers if tier.speaker is None] == ["gaze"]


def test_rows_of_several_files(tmp_path):
    rows = export(("clock", "s")).splitlines()
    text = "".join(f"{row}\t{name}.eaf\t/home/{name}.eaf\n" for name in ("one", "two") for row in rows)
    (tmp_path / "x").write_text(text)
    assert [conversation.id for conversation in inspect(tmp_path / "x").conversations] == ["one", "two"]


def test_broken_rows_are_skipped(tmp_path):
    bad = [
        "A\t\t00:00:09.000\t9.0\t00:00:08.000\t8.0\t00:00:01.000\t1.0\tx",
        "A\t\t00:00:01.000",
        "A\t\tx" + "\tx" * 7,
    ]
    (tmp_path / "x").write_text(export(("clock", "s")) + "\n".join(bad))
    assert [skip.reason for skip in read(tmp_path / "x").skipped] == [
        "the end 8.0 is before the start 9.0",
        "3 fields where there should be at least 8",
        "'x' is not a time in seconds",
    ]


@pytest.mark.parametrize(
    "line",
    ["A\t1.0\t2.0\tx", "A B\t1.0\t2.5\t1.4\tx", "utt1\trec\t0.5\t1.2", "1.0\t2.0\tword", "talk 1 0.5 0.75 hi",
     "conversation\tspeaker\tstart\tend"],
)  # fmt: skip
def test_other_tables_are_none(line):
    assert not elan_export.sniff(line + "\n")


def test_the_tier_column_makes_it_a_table():
    text = f"Tier\t{HEADER}value\nA\t00:00:00.780\t0.78\t00:00:01.340\t1.34\t0.56\thi\n"
    assert [name for name, module in FORMATS.items() if module.sniff(text)] == ["table"]
