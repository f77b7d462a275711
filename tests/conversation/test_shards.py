"""A corpus in array_record shards, read like any other."""

import json

import numpy as np
import pytest

from babble_jax.conversation.formats.array_record import encode_record, write_records
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.reading import read
from babble_jax.conversation.reading_text import format_reading
from babble_jax.conversation.shards import list_speakers, observed_hours
from babble_jax.errors import BabbleError
from babble_jax.timing.events import events
from tests.conversation.test_array_record import conversation


@pytest.fixture
def folder(tmp_path):
    """Two shards of three conversations and a monologue, and a record that is none."""
    from array_record.python.array_record_module import ArrayRecordWriter

    folder = tmp_path / "corpus"
    folder.mkdir()
    write_records(folder / "a.array_record", [conversation("c0"), conversation("m", onset=(1.0,))])
    writer = ArrayRecordWriter(str(folder / "b.array_record"), "group_size:1")
    for record in (encode_record(conversation("c1")), b"nothing", encode_record(conversation("c0"))):
        writer.write(record)
    writer.write(encode_record(conversation("c2")))
    writer.close()
    return folder


def test_conversations_are_read_in_order_and_the_rest_is_told(folder):
    reading = read(folder)
    assert [one.id for one in reading.conversations] == ["c0", "c1", "c2"]
    assert [one.id for one in reading.monologues] == ["m"]
    assert [skip.reason for skip in reading.skipped] == [
        "record 1 is no conversation: it is no conversation of this package",
        "record 2 is the conversation c0 once more",
    ]
    assert "array_record  Anna  Anna" in format_reading(reading)
    assert observed_hours(reading.conversations) == pytest.approx(3 * 3.75 / 3600)


def test_the_sequence(folder):
    conversations = read(folder).conversations
    assert len(conversations) == 3
    assert conversations[-1].id == conversations[2].id == "c2"
    assert [one.id for one in conversations[::2]] == ["c0", "c2"]
    assert [one.id for one in conversations[::-1]] == ["c2", "c1", "c0"]
    assert conversations[5:] == ()
    with pytest.raises(IndexError):
        conversations[3]
    assert [one.id for one in conversations] == [one.id for one in conversations]  # as often as asked for


def test_events_are_those_of_the_conversations(folder):
    reading = read(folder)
    assert events(reading.conversations) == events(tuple(reading.conversations))
    for conversations in (reading.conversations, tuple(reading.conversations)):
        assert list_speakers(conversations) == ["Anna", "B"]
        assert observed_hours(conversations) == pytest.approx(3 * 3.75 / 3600)


def test_a_file_alone_and_by_format(folder):
    for format in (None, "array_record"):
        assert len(read(folder / "b.array_record", format).conversations) == 3
    with pytest.raises(BabbleError, match="nothing could be read as rttm"):
        read(folder / "b.array_record", "rttm")
    (folder / "text.array_record").write_text("no records")
    with pytest.raises(BabbleError, match="no array_record"):
        read(folder / "text.array_record", "array_record")


def test_what_is_refused(folder):
    with pytest.raises(BabbleError, match="leave out the options of the layout"):
        read(folder, layout=Layout(tiers="A"))
    (folder / "c.csv").write_text("speaker,start,end\nA,0,1\nB,1,2\n")
    with pytest.raises(BabbleError, match=r"holds array_record and other annotation, .*c\.csv"):
        read(folder)


def test_an_unfinished_folder_is_refused(folder):
    manifest = {"kind": "babble_jax simulated timing", "parts": 3}
    digests = {f"{name}.array_record": None for name in "abc"}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"sha256": digests}))
    with pytest.raises(BabbleError, match=r"1 of its 3 parts are missing, c\.array_record first"):
        read(folder)


def test_many_names_share_a_row(tmp_path):
    names = tuple(f"person {i}" for i in range(30))
    write_records(tmp_path / "a.array_record", [conversation(onset=np.arange(30.0), speakers=names)])
    reading = read(tmp_path)
    assert [(tier.speaker, tier.segments) for tier in reading.tiers] == [("30 names", 30)]
