"""Bad input, folders, duplicates, and the formats of files."""

import os

import numpy as np
import pytest

from babble_jax.conversation.reading import FORMATS, read
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import segments


def put(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# Each line is broken; {0} and {1} stand for the times.
LINES = {
    "ms98": "sw2001A-ms98-a-0009 {0} {1} well\n",
    "rttm": "SPEAKER talk 1 {0} {1} <NA> <NA> A <NA> <NA>\n",
    "mdtm": "talk 1 {0} {1} speaker NA unknown A\n",
    "table": "A,talk,{0},{1},x,\n",
}
GOOD = {
    "ms98": annotations.ms98("A"),
    "rttm": annotations.rttm(),
    "mdtm": annotations.mdtm(),
    "table": annotations.table(),
}
TIMES = [
    ("nan", "2", "not finite"), ("1", "inf", "not finite"), ("-1", "2", "negative"), ("1", "2e9", "later"),
    ("one", "2", "'one' is not a time"), ("1", "?", "'?' is not a time"),
]  # fmt: skip


@pytest.mark.parametrize("format", LINES)
@pytest.mark.parametrize(("start", "end", "reason"), TIMES)
def test_broken_times_are_listed_with_their_line(tmp_path, format, start, end, reason):
    good = GOOD[format]
    if format == "ms98":
        put(tmp_path, "B", annotations.ms98("B"))
    path = put(tmp_path, "broken", good + LINES[format].format(start, end) + LINES[format].format("1", "2"))
    reading = read(tmp_path)
    (skip,) = reading.skipped
    assert (skip.file, skip.line) == (str(path), good.count("\n") + 1)
    assert reason in skip.reason
    assert (
        np.count_nonzero(reading.conversations[0].speaker == 0) == 3
    )  # all the others, the one after it too


@pytest.mark.parametrize(
    ("format", "line", "reason"),
    [
        ("ms98", LINES["ms98"].format("2", "1.5"), "the end 1.5 is before the start 2"),
        ("table", LINES["table"].format("2", "1.5"), "the end 1.5 is before the start 2"),
        ("rttm", LINES["rttm"].format("2", "-0.5"), "the duration -0.5 is negative"),
        ("ms98", "sw2001A-ms98-a-0009 1 2 two words\n", "5 fields"),
        ("ms98", "nonsense\n", "no utterance"),
        ("rttm", "SPEAKER talk 1 2 1\n", "5 fields"),
        ("rttm", "SPAEKER talk 1 2 1 <NA> <NA> A <NA> <NA>\n", "no type of RTTM row"),
        ("rttm", "SPEAKER talk 1 2 1 <NA> <NA> <NA> <NA> <NA>\n", "no name"),
        ("mdtm", "talk 1 2 1 speaker NA\n", "6 fields"),
        ("mdtm", "talk 1 2 1 music NA unknown A\n", "'music'"),
        ("table", "A,talk,1\n", "3 fields"),
        ("table", ",talk,1,2,x,\n", "the speaker is empty"),
        ("table", "A,,1,2,x,\n", "the conversation is empty"),
        ("table", "A,talk,1,2,x,shout\n", "'shout'"),
        ("table", 'A,talk,1,2,"x,\n', "quotes"),
    ],
)
def test_broken_lines(tmp_path, format, line, reason):
    if format == "ms98":
        put(tmp_path, "B", annotations.ms98("B"))
    put(tmp_path, "broken", GOOD[format] + line)
    (skip,) = read(tmp_path).skipped
    assert skip.line == GOOD[format].count("\n") + 1
    assert reason in skip.reason


@pytest.mark.parametrize("format", LINES)
def test_bytes_that_are_not_utf8(tmp_path, format):
    if format == "ms98":
        put(tmp_path, "B", annotations.ms98("B"))
    line = LINES[format].format("1", "2").encode().replace(b"well" if format == "ms98" else b"A", b"\x81")
    put(tmp_path, "broken", GOOD[format].encode() + line)
    (skip,) = read(tmp_path).skipped
    assert skip.line == GOOD[format].count("\n") + 1
    assert "UTF-8" in skip.reason


NOT_ANNOTATIONS = {
    "prose": "To whom it may concern: nothing happened.\n",
    "binary": bytes(range(256)) * 40,
    "other.csv": "name,age\nAnn,3\n",
    "other.xml": "<?xml version='1.0'?><root/>",
    "empty": "",
    "blank": "\n\n \n",
}


@pytest.mark.parametrize("name", NOT_ANNOTATIONS)
def test_what_is_no_annotation_is_refused_where_named_and_listed_in_a_folder(tmp_path, name):
    path = put(tmp_path, name, NOT_ANNOTATIONS[name])
    with pytest.raises(BabbleError, match=f"{path}: "):
        read(path)
    with pytest.raises(BabbleError, match=f"{tmp_path}: the folder holds no annotation"):
        read(tmp_path)
    put(tmp_path, "good", annotations.rttm())
    reading = read(tmp_path)
    assert len(reading.conversations) == 1
    assert [(skip.file, skip.line) for skip in reading.skipped] == [(str(path), None)]


@pytest.mark.parametrize(
    ("name", "header", "names"),
    [
        ("a.csv", "filename,onset,offset", "filename, onset, offset, none is the speaker"),
        (
            "a.TSV",
            "conversation\tspeaker\tstart\tupto",
            "conversation, speaker, start, upto, none is the end",
        ),
        ("a.txt", "speaker;began;end;text", "speaker, began, end, text, none is the start"),
        ("a.csv", "\n" + "x" * 99 + ",y", "x" * 40 + ", y, none is the speaker or the start or the end"),
        (
            "a.csv",
            ",".join(["abcdefghi"] * 9),
            "abcdefghi, abcdefghi, abcdefghi, abcdefghi, abcdefghi, abcde..., none is the speaker or the start or the "
            "end",
        ),
    ],
)
def test_a_table_of_other_columns_is_refused_with_those_it_needs_and_has(tmp_path, name, header, names):
    path = put(tmp_path, name, header + "\n1,2,3\n")
    columns = (
        "the first line of a table must name its speaker, start and end (or duration), and here, with the columns "
        f"{names}"
    )
    with pytest.raises(BabbleError) as error:
        read(path)
    remedy = "say which column it is by --columns, such as --columns speaker=NAME start=NAME"
    assert str(error.value) == f"{path}: no annotation of a known format: {columns}; {remedy}."
    with pytest.raises(BabbleError) as error:
        read(path, format="table")
    assert str(error.value) == f"{path}: nothing could be read as table; {path}, line 1: {columns}."
    put(tmp_path, "good", annotations.rttm())
    (skip,) = read(tmp_path).skipped
    assert skip.reason == f"no annotation of a known format: {columns}"


MANIFEST = '{"kind": "babble_jax duet", "sha256": {"talk.rttm": "", "table.json": "", "ftos.png": ""}}'


def test_manifests_of_this_package_are_left_out_without_a_word(tmp_path):
    put(tmp_path, "talk.rttm", annotations.rttm())
    put(tmp_path, "manifest.json", MANIFEST)
    put(tmp_path, "table.json", "{}")
    assert read(tmp_path).skipped == read(tmp_path, format="rttm").skipped == ()
    for name in ("ftos.png", "other.json", "deeper/table.json"):
        put(tmp_path, name, "{}")
    assert {skip.file.removeprefix(f"{tmp_path}/") for skip in read(tmp_path).skipped} == {
        "ftos.png", "other.json", "deeper/table.json",
    }  # fmt: skip
    with pytest.raises(BabbleError, match="no annotation of a known format"):
        read(tmp_path / "manifest.json")


@pytest.mark.parametrize(
    "manifest",
    [
        '{"kind": "another", "sha256": {"table.json": ""}}', '{"kind": 3, "sha256": {}}', "[1]", "x", "[" * 100_000,
        '{"kind": "babble_jax duet"}', '{"kind": "babble_jax duet", "sha256": 3}',
    ],
)  # fmt: skip
def test_other_manifests_are_listed(tmp_path, manifest):
    put(tmp_path, "talk.rttm", annotations.rttm())
    put(tmp_path, "manifest.json", manifest)
    put(tmp_path, "table.json", "{}")
    assert [skip.file[-13:] for skip in read(tmp_path).skipped] == [
        "manifest.json",
        f"{tmp_path}/table.json"[-13:],
    ]


@pytest.mark.parametrize("format", ["ms98", "rttm", "mdtm", "nxt", "textgrid", "elan", "chat", "table"])
def test_a_format_named_wrongly(tmp_path, format):
    path = put(tmp_path, "prose", NOT_ANNOTATIONS["prose"])
    with pytest.raises(BabbleError, match=f"{path}: .*as {format}; .*line 1"):
        read(path, format=format)


def test_a_header_without_rows_is_refused(tmp_path):
    path = put(tmp_path, "x", "conversation,speaker,start,end\n")
    with pytest.raises(BabbleError, match=f"{path}: .*as table"):
        read(path)


def test_paths_that_cannot_be(tmp_path):
    with pytest.raises(BabbleError, match="missing: there is no such file"):
        read(tmp_path / "missing")
    with pytest.raises(BabbleError, match="the folder holds no annotation"):
        read(tmp_path)
    with pytest.raises(BabbleError, match="No path"):
        read([])
    with pytest.raises(BabbleError, match="no format 'ass'; choose one of ms98"):
        read(tmp_path, format="ass")


def test_only_broken_lines(tmp_path):
    path = put(tmp_path, "x", LINES["rttm"].format("nan", "1"))
    with pytest.raises(BabbleError, match=rf"{path}: .*as rttm; .*line 1: .*not finite"):
        read(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(tmp_path):
    path = put(tmp_path, "x", annotations.rttm())
    path.chmod(0)
    with pytest.raises(BabbleError, match="cannot be read"):
        read(path)


def test_links_that_lead_nowhere_and_pipes_are_listed(tmp_path):
    put(tmp_path, "good", annotations.rttm())
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    skipped = read(tmp_path).skipped
    assert [(skip.file[-4:], skip.reason) for skip in skipped] == [
        ("lost", "no regular file"),
        ("pipe", "no regular file"),
    ]


def test_one_speaker_is_no_conversation(tmp_path):
    path = put(tmp_path, "A", annotations.ms98("A"))
    with pytest.raises(BabbleError, match="sw2001 of switchboard has only speaker A"):
        read(path)
    other = put(tmp_path, "B", annotations.ms98("B"))
    assert len(read([other, path]).conversations) == 1


def test_speakers_of_different_calls_are_not_mixed(tmp_path):
    for call in ("sw2001", "sw2002"):
        for speaker in "AB":
            put(tmp_path, f"{call}/{speaker}", annotations.ms98(speaker, call))
    put(tmp_path, "sw2003/A", annotations.ms98("A", "sw2003"))
    reading = read(tmp_path)
    assert [c.id for c in reading.conversations] == ["sw2001", "sw2002"]
    assert "sw2003" in reading.skipped[0].reason


def test_a_conversation_twice_is_read_once(tmp_path):
    put(tmp_path, "all.rttm", annotations.rttm("ES2002a") + annotations.rttm("ES2002b"))
    second = put(tmp_path, "single/ES2002a", annotations.rttm("ES2002a"))
    third = put(tmp_path, "single/mdtm", annotations.mdtm("ES2002b"))
    reading = read([tmp_path, second])
    assert [c.id for c in reading.conversations] == ["ES2002a", "ES2002b"]
    assert [skip.file for skip in reading.skipped] == [str(second), str(third), str(second)]
    assert all("was read before" in skip.reason for skip in reading.skipped)


def test_a_speaker_twice_is_read_once(tmp_path):
    for name, speaker in (("1", "A"), ("2", "A"), ("3", "B")):
        put(tmp_path, name, annotations.ms98(speaker))
    reading = read(tmp_path)
    assert len(reading.conversations[0].onset) == 4
    assert "speaker A, was read before" in reading.skipped[0].reason
    put(tmp_path, "2", annotations.ms98("A").replace("1.250000", "1.375000"))
    reading = read(tmp_path)
    assert len(reading.conversations[0].onset) == 4
    assert "speaker A, was read before" in reading.skipped[0].reason


@pytest.mark.parametrize("format", LINES)
def test_a_segment_without_duration_is_not_broken(tmp_path, format):
    """The source says so; the definitions drop it."""
    if format == "ms98":
        put(tmp_path, "B", annotations.ms98("B"))
    times = ("3", "0") if format in ("rttm", "mdtm") else ("3", "3")
    put(tmp_path, "A", GOOD[format] + LINES[format].format(*times))
    reading = read(tmp_path)
    assert reading.skipped == ()
    assert np.count_nonzero(reading.conversations[0].onset == reading.conversations[0].end) == 1


def test_same_id_in_other_folders(tmp_path):
    """The same segments again are a copy; other segments are another conversation of the same name."""
    put(tmp_path, "one/x", annotations.rttm())
    put(tmp_path, "two/x", annotations.rttm())
    put(tmp_path, "three/x", annotations.rttm().replace("4.5", "4.75"))
    reading = read(tmp_path)
    assert [(c.corpus, c.id) for c in reading.conversations] == [("one", "talk"), ("three", "talk")]
    assert len(reading.skipped) == 1


def test_hidden_files_are_left_out(tmp_path):
    put(tmp_path, "good", annotations.rttm())
    put(tmp_path, ".hidden", "x")
    put(tmp_path, ".git/x", annotations.rttm("other"))
    reading = read(tmp_path)
    assert (len(reading.conversations), reading.skipped) == (1, ())


def test_formats_are_recognized_by_content(tmp_path):
    annotations.write_all(tmp_path)
    reading = read(tmp_path)
    assert reading.skipped == ()
    assert sorted(c.id for c in reading.conversations) == [
        "by-audacity", "by-chat", "by-ctm", "by-elan", "by-elan_export", "by-kaldi", "by-lab", "by-mdtm", "by-rttm",
        "by-santa_barbara", "by-seglst", "by-srt", "by-stm", "by-table", "by-textgrid", "by-transcriber",
        "by-transcript_json", "by-webvtt", "by-whisper_tsv", "q1ec1", "sw2001",
    ]  # fmt: skip
    for conversation in reading.conversations:
        assert [row[1:] for row in segments(conversation)] == [row[1:] for row in annotations.SEGMENTS]
        assert conversation.onset.dtype == np.float64
        assert conversation.speaker.dtype == np.int32
        assert conversation.mark.dtype == np.uint8


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("channels", "uem", "buckeye")])
def test_a_named_format_reads_only_its_own(tmp_path, name):
    annotations.write_all(tmp_path)
    reading = read(tmp_path, format=name)
    assert len(reading.conversations) == 1
    files = sum(
        path.is_file() and path.name != "utt2spk" for path in tmp_path.rglob("*")
    )  # read with `segments`
    assert len(reading.skipped) == files - (2 if name in ("ms98", "nxt") else 1)
    assert all(name in skip.reason for skip in reading.skipped)
