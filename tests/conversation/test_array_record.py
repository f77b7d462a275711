"""Conversations as records. Axes: N segments."""

import dataclasses
import json

import numpy as np
import pytest
from safetensors.numpy import save

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.formats.array_record import (
    count_records,
    decode_record,
    encode_record,
    is_array_record,
    read_raw_records,
    write_records,
)
from babble_jax.errors import BabbleError


def conversation(id="one", onset=(0.1, 1 / 3, 2.0), speakers=("Anna", "B")):
    onset = np.array(onset, np.float64)
    return Conversation(
        id=id,
        corpus="made",
        speakers=speakers,
        speaker=(np.arange(len(onset)) % len(speakers)).astype(np.int32),
        onset=onset,
        end=onset + 0.7,
        mark=np.zeros(len(onset), np.uint8),
        unit="utterance",
        language=None,
        group="people",
        windows=np.array([[0.0, 1.5], [1.75, 4.0]]),
        time_resolution=0.001,
    )


def values(one):
    return {
        field.name: value.tolist() if isinstance(value := getattr(one, field.name), np.ndarray) else value
        for field in dataclasses.fields(one)
    }


@pytest.mark.parametrize("onset", [(), (0.1, 1 / 3, 2.0)])
def test_a_record_gives_the_conversation_back_to_the_bit(onset):
    one = conversation(onset=onset)
    other = decode_record(encode_record(one))
    assert values(other) == values(one)
    assert [other.speaker.dtype, other.onset.dtype, other.mark.dtype] == [np.int32, np.float64, np.uint8]
    assert encode_record(other) == encode_record(one)


def test_words_are_not_stored():
    one = dataclasses.replace(conversation(), labels=("secret", "secret", "secret"))
    assert b"secret" not in encode_record(one)


def record(arrays=None, **changes):
    one = conversation()
    names = ("id", "corpus", "speakers", "unit", "language", "group", "time_resolution")
    header = {"version": 1} | {name: getattr(one, name) for name in names} | changes
    tensors = {
        "onset": one.onset,
        "end": one.end,
        "speaker": one.speaker.astype(np.uint16),
        "mark": one.mark,
        "windows": one.windows,
    }
    return save(tensors | (arrays or {}), {"conversation": json.dumps(header)})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no conversation"),
        (b"\xff" * 100, "no conversation"),
        (encode_record(conversation())[:-3], "no conversation"),
        (record(version=2), "another version"),
        (record(id=7), "id is no text"),
        (record(speakers="AB"), "no list of names"),
        (record(speakers=["A"]), "a speaker without a name"),
        (record(unit="line"), "unit is none of"),
        (record(language=3), "language"),
        (record(time_resolution=-1), "time_resolution"),
        (record({"onset": np.zeros(3, np.float32)}), "no onset of type F64"),
        (record({"onset": np.zeros(2)}), "not equally long"),
        (record({"end": np.array([1.0, np.nan, 2.0])}), "not finite"),
        (record({"mark": np.full(3, 9, np.uint8)}), "mark that is not known"),
        (record({"windows": np.zeros(2)}), "pairs of times"),
        (record({"windows": np.array([[1.0, 0.0]])}), "pairs of times"),
    ],
)
def test_what_is_no_record_is_refused_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=reason):
        decode_record(data)


def test_files_of_records(tmp_path):
    path = tmp_path / "a.array_record"
    conversations = [conversation(f"c{i}") for i in range(130)]
    assert write_records(path, iter(conversations)) == count_records(path) == 130
    assert is_array_record(path.read_bytes())
    assert [number for number, _ in read_raw_records(path)] == list(range(130))
    some = {number: decode_record(data).id for number, data in read_raw_records(path, [70, 3])}
    assert some == {70: "c70", 3: "c3"}
    again = tmp_path / "b.array_record"
    write_records(again, conversations)
    assert again.read_bytes() == path.read_bytes()
    again.write_bytes(path.read_bytes()[:200])
    assert (count_records(again), count_records(tmp_path / "none")) == (None, None)
    with pytest.raises(BabbleError, match="damaged or not complete"):
        list(read_raw_records(again))
