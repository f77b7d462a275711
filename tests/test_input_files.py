"""Files that a user names are read within bounds, and every fault is one sentence."""

import contextlib
import json
import os
import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json, read_bytes, read_json, read_text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=40)
@given(values)
def test_every_json_value_comes_back(value):
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
        assert parse_json(text, "a.json") == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "a.json, line 1: is no JSON (Expecting property name"),
        ('{\n"a": [1,\n}', "a.json, line 3: is no JSON"),
        ("[" * 100_000, "a.json, line 1: is nested more than 64 deep"),
        ('{"a":\n' * 100, "a.json, line 65: is nested more than 64 deep"),
        (f"[1,\n{'9' * 5000}]", "a.json, line 2: holds a number of more than 400 digits"),
        (f"[0.{'9' * 5000}]", "a.json, line 1: holds a number of more than 400 digits"),
        ("[NaN]", "a.json: holds NaN, which is no number of JSON"),
        ("[-Infinity]", "a.json: holds -Infinity, which is no number of JSON"),
        ("[1e999]", "a.json: holds the number 1e999, which is too large"),
        ("[1" + "0" * 350 + "]", "a.json: holds the number 10000000000000000000, which is too large"),
        ("", "a.json, line 1: is no JSON"),
        ('"unfinished', "a.json, line 1: is no JSON"),
    ],
)
def test_what_is_no_json_or_out_of_bounds_is_named_with_its_line(text, message):
    with pytest.raises(BabbleError, match=re.escape(message)):
        parse_json(text, "a.json")


def test_brackets_and_digits_within_strings_are_text():
    for value in ("[" * 1000, "9" * 5000, '\\"[' * 200, "\\"):
        assert parse_json(json.dumps([value]), "a.json") == [value]


def test_a_string_of_megabytes_takes_no_more_memory_than_itself():
    for text in (json.dumps("a" * 10**6), json.dumps('"' * 10**6), "\\" * 10**6, '"' + "\\" * 10**6):
        tracemalloc.start()
        with contextlib.suppress(BabbleError):
            parse_json(text, "a.json")
        assert tracemalloc.get_traced_memory()[1] < 10 * len(text)
        tracemalloc.stop()


def test_what_is_no_regular_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for name, message in (
        ("fifo", "is no regular file"),
        (".", "is a folder; name a file"),
        ("nowhere", "there is no such file"),
        ("a\0b", "there is no such file"),
    ):
        with pytest.raises(BabbleError, match=message):
            read_bytes(tmp_path / name)
    with pytest.raises(BabbleError, match="/dev/zero: is no regular file"):
        read_json("/dev/zero")


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path):
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(1 << 40)  # a hole
    with pytest.raises(BabbleError, match="large: is larger than 268 MB"):
        read_text(tmp_path / "large")
    (tmp_path / "small").write_bytes(b"12345")
    assert read_bytes(tmp_path / "small", 5) == b"12345"
    with pytest.raises(BabbleError, match="is larger than"):
        read_bytes(tmp_path / "small", 4)


def test_text_is_utf8_without_a_mark_and_with_newlines(tmp_path):
    (tmp_path / "a").write_bytes("\ufeffä\r\nb\rc".encode())
    assert read_text(tmp_path / "a") == "ä\nb\nc"
    (tmp_path / "a").write_bytes(b"a\nb\xff")
    with pytest.raises(BabbleError, match="a, line 2: is not UTF-8"):
        read_text(tmp_path / "a")
    (tmp_path / "a.json").write_text('{"a": 1}')
    assert read_json(tmp_path / "a.json") == {"a": 1}
