"""SubRip and WebVTT: times as pysubs2 and webvtt-py read them, and who speaks."""

import pysubs2
import pytest
import webvtt

from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.reading import inspect, read
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments

NAMES = {"srt": annotations.srt, "webvtt": annotations.webvtt, "whisper_tsv": annotations.whisper_tsv}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_captions(tmp_path, name, newline):
    (tmp_path / "x").write_bytes(NAMES[name]().replace("\n", newline).encode())
    conversation = read_one(tmp_path / "x")
    assert segments(conversation) == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert (conversation.id, conversation.unit) == ("x", "utterance")
    labels = read(tmp_path / "x", text=True).conversations[0].labels
    assert labels is not None
    assert labels[2] in ("well he said", "well")


def captions(*texts: str, first: str = "") -> str:
    """SubRip, a caption each second."""
    return first + "".join(
        f"{n + 1}\n00:00:{n:02d},000 --> 00:00:{n:02d},800\n{text}\n\n" for n, text in enumerate(texts)
    )


SRT = {
    "plain": captions("A: x", "B: y", "A: z"),
    "no blank lines": captions("A: x", "B: y", "A: z").replace("\n\n", "\n"),
    "no numbers": "00:00:01,000 --> 00:00:02,000\nA: x\n\n00:00:03.5 --> 00:00:04,25\nB: y\n",
    "a blank line in a caption": captions("A: x\n\n12 more", "B: y", "A: z"),
    "a caption of a number": captions("A: x", "B: 3\n4", "A: z"),
    "blanks": "\n\n \n" + captions("A: x", "B: y", "A: z").replace(" --> ", "  -->  "),
}


@pytest.mark.parametrize("name", SRT)
def test_times_are_those_of_pysubs2(tmp_path, name):
    (tmp_path / "x").write_text(SRT[name])
    oracle = pysubs2.SSAFile.from_string(SRT[name], format_="srt")
    conversation = read_one(tmp_path / "x")
    assert [row[1:] for row in segments(conversation)] == [
        (one.start / 1000, one.end / 1000) for one in oracle
    ]


VTT = """\ufeffWEBVTT Some title

00:01.000 --> 00:02.500 position:10%
<v Ann>one</v>

NOTE
no cue

identifier
01:00:03.000 --> 01:00:04.125
<v.first.loud Bob Lee>two
lines</v>

REGION
id:fred

01:00:05.000 --> 01:00:06.000
<v Ann>three &amp; <i>four</i></v>
"""


def test_times_are_those_of_webvtt_py(tmp_path):
    (tmp_path / "x").write_text(VTT)
    oracle = webvtt.from_string(VTT.removeprefix("\ufeff"))
    conversation = read(tmp_path / "x", text=True).conversations[0]
    expected = [
        (one.voice, one.start_time.in_milliseconds(), one.end_time.in_milliseconds()) for one in oracle
    ]
    times = [(name, round(onset * 1000), round(end * 1000)) for name, onset, end in segments(conversation)]
    assert times == expected
    assert conversation.labels == ("one", "two lines", "three & four")


SPEAKERS = {
    "colon": ["Ann: x", "Bob Lee: y", "Ann: z", "Bob Lee: a"],
    "capitals": ["ANN: x", "BOB: y", "ANN: z: b", "BOB: a"],
    "brackets": ["[SPEAKER_00]: x", "[SPEAKER_01]: y", "[SPEAKER_00]: [laughs]", "[SPEAKER_01]: z"],
    "brackets without a colon": ["[Ann] x", "[Bob] y", "[Ann] z", "[Bob] (sighs) b"],
    "a line of the name": ["(Ann Fox)\nx", "(Bob)\ny", "(Ann Fox)\nz", "(Bob)\nb"],
    "dashes": ["- Ann: x", "- Bob: y", "\u2013 Ann: z", "- Bob: b"],
    "chevrons": [">> ANN: x", ">> BOB: y", "&gt;&gt; ANN: z", ">> BOB: b"],
    "full width": ["张三\uff1a你好", "李四\uff1a你好", "张三\uff1a好", "李四\uff1a再见"],
    "voices": ["<v Ann>x", "<v Bob>y: z", "<v Ann>z", "<v Bob>10:30"],
}


@pytest.mark.parametrize("name", SPEAKERS)
def test_names_of_speakers(tmp_path, name):
    (tmp_path / "x").write_text(captions(*SPEAKERS[name]))
    conversation = read_one(tmp_path / "x")
    assert [row[0] for row in segments(conversation)] == [conversation.speakers[n] for n in (0, 1, 0, 1)] or (
        [row[0] for row in segments(conversation)] == [conversation.speakers[n] for n in (1, 0, 1, 0)]
    )
    assert len(conversation.speakers) == 2


def test_what_stands_before_a_colon_once_is_no_name(tmp_path):
    (tmp_path / "x").write_text(
        captions("Ann: x", "Bob: y", "Note: it is 10:30", "no", "Ann: he said: z", "no", "Bob: a")
    )
    reading = read(tmp_path / "x")
    assert reading.conversations[0].speakers == ("Ann", "Bob", "Note")  # most captions have one
    (tmp_path / "x").write_text(captions("Ann: x", "Bob: y", "Note: 1", *["no"] * 8, "Ann: z", "Bob: a"))
    assert read(tmp_path / "x").conversations[0].speakers == ("Ann", "Bob")


def test_a_caption_without_a_name_goes_on_with_the_speaker_before(tmp_path):
    (tmp_path / "x").write_text(captions("x", "Ann: x", "and y", "BOB: y", "- no", "z", "Ann: a\nb"))
    reading = read(tmp_path / "x")
    assert [row[:2] for row in segments(reading.conversations[0])] == [
        ("Ann", 1),
        ("Ann", 2),
        ("BOB", 3),
        ("Ann", 6),
    ]
    assert [(skip.line, skip.reason) for skip in reading.skipped] == [
        (2, "the cue names no speaker"), (18, "the cue names no speaker"), (22, "the cue names no speaker"),
    ]  # fmt: skip
    assert reading.notes == (
        f"{tmp_path}/x: 1 of 7 captions name no speaker and are taken for the speaker before",
    )


def test_a_caption_of_two_speakers_is_skipped(tmp_path):
    (tmp_path / "x").write_text(
        captions("Ann: x", "Bob: y", "- Ann: x\n- Bob: y", "and z", "- yes\n- no", "Ann: a")
    )
    reading = read(tmp_path / "x")
    assert [row[:2] for row in segments(reading.conversations[0])] == [
        ("Ann", 0),
        ("Bob", 1),
        ("Bob", 3),
        ("Ann", 5),
    ]
    assert {skip.reason for skip in reading.skipped} == {
        "the cue has two speakers, whose times it does not part"
    }


def test_captions_that_do_not_say_who_speaks_are_refused(tmp_path):
    (tmp_path / "x").write_text(captions("hi", "[laughs]", "it is 10:30"))
    with pytest.raises(BabbleError, match=r"no cue names its speaker.*--conversation"):
        read(tmp_path / "x")
    (tmp_path / "x").write_text(captions("Ann: x", "Ann: y", "- Bob: z", *["- no"] * 9))
    with pytest.raises(BabbleError, match="only 3 of 12 cues name their speaker"):
        read(tmp_path / "x")
    (tmp_path / "x").write_text("WEBVTT\n")
    with pytest.raises(BabbleError, match="no cue with times"):
        read(tmp_path / "x")


def test_captions_of_one_speaker_in_each_file(tmp_path):
    (tmp_path / "call-ann.srt").write_text(captions("hi", "yes"))
    (tmp_path / "call-bob.srt").write_text(captions("hi", "yes", "no"))
    layout = Layout(conversation="(?P<conversation>.+)-(?P<speaker>.+)")
    (conversation,) = read(tmp_path, layout=layout).conversations
    assert conversation.speakers == ("ann", "bob")
    assert len(conversation.onset) == 5


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ("00:00:01,000 --> 00:00:0x,000", "'00:00:0x,000' is not a time"),
        ("00:00:03,000 --> 00:00:02,000", "before the start"),
        ("00:00:01,000 --> ", "the line of times is broken"),
        ("00:00:01,000 -->00:00:02,000 00:00:03", None),
    ],
)
def test_broken_times_are_skipped_with_their_line(tmp_path, times, reason):
    (tmp_path / "x").write_text(captions("Ann: x", "Bob: y", "Ann: z") + f"7\n{times}\nBob: a\n")
    reading = inspect(tmp_path / "x")
    assert [skip.line for skip in reading.skipped] == ([14] if reason else [])
    assert all(reason in skip.reason for skip in reading.skipped)
    assert len(reading.conversations[0].onset) == (3 if reason else 4)
