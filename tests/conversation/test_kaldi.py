"""Kaldi's folders: `segments` with its speakers, conversations of channels, texts, and what is missing."""

import os

import pytest

from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.reading import inspect, read
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import read_one, segments


def put(folder, **files: str):
    for name, text in files.items():
        (folder / name).write_text(text)


def test_the_dialogue_comes_back(tmp_path):
    rows, speakers = annotations.kaldi()
    put(tmp_path, segments=rows, utt2spk=speakers, spk2utt="A a\nB b\n", text="x y\n")
    (tmp_path / "wav.scp").write_text("talk talk.wav\n")
    reading = inspect(tmp_path)
    assert (reading.skipped, reading.notes) == ((), ())
    assert segments(reading.conversations[0]) == annotations.SEGMENTS
    assert reading.conversations[0].id == "talk"
    assert segments(read_one(tmp_path / "segments")) == annotations.SEGMENTS


SWITCHBOARD = "sw02001-A_000098-001156 sw02001-A 0.98 11.56\nsw02001-B_001134-001502 sw02001-B 11.34 15.02\n"


@pytest.mark.parametrize(
    "channels",
    ["", "sw02001-A sw02001 A\nsw02001-B sw02001 B\n"],
    ids=["by name", "by reco2file_and_channel"],
)
def test_recordings_of_one_channel_are_one_conversation(tmp_path, channels: str):
    speakers = "sw02001-A_000098-001156 2001-A\nsw02001-B_001134-001502 2001-B\n"
    put(tmp_path, segments=SWITCHBOARD, utt2spk=speakers)
    if channels:
        put(tmp_path, reco2file_and_channel=channels)
    conversation = read_one(tmp_path)
    assert conversation.id == "sw02001"
    assert segments(conversation) == [("2001-A", 0.98, 11.56), ("2001-B", 11.34, 15.02)]


def test_texts_tell_laughter_and_noise(tmp_path):
    rows, speakers = annotations.kaldi()
    names = [line.split()[0] for line in rows.splitlines()]
    texts = zip(names, ("well", "[laughter]", "[noise]", "[silence]"), strict=True)
    put(tmp_path, segments=rows, utt2spk=speakers, text="".join(f"{name} {text}\n" for name, text in texts))
    conversation = inspect(tmp_path, text=True).conversations[0]
    assert conversation.mark.tolist() == [Mark.SPEECH, Mark.LAUGHTER]
    assert conversation.labels == ("well", "[laughter]")


def test_without_utt2spk_the_speakers_are_guessed_aloud_or_the_file_is_refused(tmp_path):
    more = SWITCHBOARD.replace("_0", "_9")
    put(tmp_path, segments=SWITCHBOARD + more)
    reading = read(tmp_path)
    assert reading.conversations[0].speakers == ("sw02001-A", "sw02001-B")
    assert "since no utt2spk is beside it" in reading.notes[0]
    for rows in (SWITCHBOARD, "a-b rec1 0 1\na-c rec1 1 2\n", more.replace("-B", "-A")):
        put(tmp_path, segments=rows)
        with pytest.raises(BabbleError, match="the file utt2spk, which says who speaks, is not beside it"):
            read(tmp_path / "segments")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A-new talk 1 2", "utt2spk has no utterance 'A-new'"), ("{0} talk 2 1", "the end 1 is before the start 2"),
        ("{0} talk 2", "3 fields"), ("{0} talk 2 -1", "the time -1 is negative"),
    ],
)  # fmt: skip
def test_broken_rows_are_listed(tmp_path, row: str, reason: str):
    rows, speakers = annotations.kaldi()
    put(tmp_path, segments=rows + row.format(rows.split()[0]) + "\n", utt2spk=speakers)
    reading = inspect(tmp_path)
    (skip,) = reading.skipped
    assert (skip.line, reason in skip.reason) == (5, True)
    assert segments(reading.conversations[0]) == annotations.SEGMENTS


def test_a_pipe_in_place_of_utt2spk_is_not_waited_for(tmp_path):
    put(tmp_path, segments=annotations.kaldi()[0])
    os.mkfifo(tmp_path / "utt2spk")
    with pytest.raises(BabbleError, match="utt2spk"):
        read(tmp_path / "segments")


def test_short_names_of_recordings_are_no_channels_of_uem(tmp_path):
    rows = "ann-t1__4.675-6.752 t1 4.675 6.752\nben-t1__7.5-8 t1 7.5 8\n"
    put(tmp_path, segments=rows, utt2spk="ann-t1__4.675-6.752 ann\nben-t1__7.5-8 ben\n")
    assert segments(read_one(tmp_path)) == [("ann", 4.675, 6.752), ("ben", 7.5, 8)]
    (tmp_path / "x.uem").write_text("2004a 1 0 5\n2005a 1 0 5.5\n")
    with pytest.raises(BabbleError, match="windows of 2 conversations"):
        read(tmp_path / "x.uem")
