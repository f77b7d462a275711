"""Two processes write one folder or one file: each write is complete, or refused in one sentence; nothing is left."""

import collections
import json
import subprocess
import sys

import pytest

from babble_jax import files

FOLDER = """
import json, sys, time
from babble_jax import files
from babble_jax.errors import BabbleError
out, mark, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for number in range(count):
    try:
        with files.atomic_folder(out, "babble_jax test", overwrite=True) as folder:
            for name in "abc":
                files.write_text(folder / name, mark * 1000)
            files.write_json(folder / "manifest.json", {"kind": "babble_jax test", "sha256": dict.fromkeys("abc")})
        print("complete")
    except BabbleError as error:
        print(str(error).replace(out, "OUT"))
"""
FILE = """
import sys
from babble_jax import files
for number in range(int(sys.argv[3])):
    files.write_text(sys.argv[1], sys.argv[2] * 100_000)
    print("complete")
"""


def write_twice(program: str, out, count: int) -> list[collections.Counter[str]]:
    """Runs a program in two processes at once: returns how often each printed what."""
    command = [sys.executable, "-c", program, str(out)]
    writers = [
        subprocess.Popen(
            [*command, mark, str(count)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for mark in "xy"
    ]
    outputs = [writer.communicate(timeout=600) for writer in writers]
    assert [error for _, error in outputs] == ["", ""]
    return [collections.Counter(text.splitlines()) for text, _ in outputs]


@pytest.mark.parametrize("count", [15, pytest.param(300, marks=pytest.mark.slow)])
def test_each_write_of_one_folder_is_complete_or_refused(tmp_path, count):
    counts = write_twice(FOLDER, tmp_path / "out", count)
    assert sum(sum(one.values()) for one in counts) == 2 * count
    for one in counts:
        assert one["complete"] > 0
        for sentence in one.keys() - {"complete"}:
            assert sentence.startswith("OUT: is being written by ")
            assert sentence.endswith("wait until that ends, or choose another place.")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert len({(tmp_path / "out" / name).read_text() for name in "abc"}) == 1
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["kind"] == "babble_jax test"
    assert files.list_own_files(tmp_path / "out") == {"a", "b", "c", "manifest.json"}


def test_one_file_is_that_of_one_writer(tmp_path):
    counts = write_twice(FILE, tmp_path / "a.txt", 50)
    assert counts == [{"complete": 50}] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert len(set((tmp_path / "a.txt").read_text())) == 2  # of one letter, and the newline
