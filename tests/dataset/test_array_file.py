"""Files of arrays: what is written is read in slices, by other programs too; damage and other fingerprints are seen."""

import numpy as np
import pytest
import safetensors.numpy

from babble_jax.dataset.array_file import ArrayFile, Column, UnusableFileError, write_array_file

COLUMNS = {"units": Column("U8"), "pitch": Column("F64"), "cepstra": Column("F32", 3)}
COUNTS = np.array([5, 1, 0, 8])


@pytest.fixture
def arrays():
    draws = np.random.default_rng(0)
    return [
        {
            "units": draws.integers(0, 256, count).astype(np.uint8),
            "pitch": draws.normal(size=count),
            "cepstra": draws.normal(size=(count, 3)).astype(np.float32),
        }
        for count in COUNTS
    ]


@pytest.fixture
def path(arrays, tmp_path):
    path = tmp_path / "arrays.safetensors"
    with write_array_file(path, "one", COLUMNS, COUNTS) as writer:
        for i in (3, 0, 2, 1):
            for name, values in arrays[i].items():
                half = len(values) // 2
                writer.write(name, i, half, values[half:])
                writer.write(name, i, 0, values[:half])
    return path


def test_slices_are_those_written(arrays, path):
    file = ArrayFile(path, "one", COLUMNS, COUNTS)
    for i, own in enumerate(arrays):
        for name, values in own.items():
            for first, stop in ((0, COUNTS[i]), (COUNTS[i] // 2, COUNTS[i])):
                part = file.read(name, i, first, stop)
                assert part.dtype == values.dtype
                np.testing.assert_array_equal(part, values[first:stop])
    file.close()


def test_other_programs_read_it(arrays, path):
    loaded = safetensors.numpy.load_file(path)
    for name in COLUMNS:
        np.testing.assert_array_equal(loaded[name], np.concatenate([own[name] for own in arrays]))


def test_any_damage_is_seen(path):
    content = path.read_bytes()
    positions = np.random.default_rng(0).integers(0, len(content), 40).tolist()
    changed = [content[:n] + bytes([content[n] ^ 1]) + content[n + 1 :] for n in [0, 8, *positions]]
    for damaged in (b"", content[:-1], content + b"x", content[:20], b"\xff" * 100, *changed):
        path.write_bytes(damaged)
        with pytest.raises(UnusableFileError):
            ArrayFile(path, "one", COLUMNS, COUNTS)


def test_another_fingerprint_and_other_counts_are_seen(path):
    with pytest.raises(UnusableFileError, match="belongs to other recordings"):
        ArrayFile(path, "another", COLUMNS, COUNTS)
    with pytest.raises(UnusableFileError, match="damaged"):
        ArrayFile(path, "one", COLUMNS, COUNTS + 1)


def test_an_error_on_the_way_leaves_no_file(tmp_path):
    def fail():
        with write_array_file(tmp_path / "arrays.safetensors", "one", COLUMNS, COUNTS):
            raise KeyError("on the way")

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_rows_that_do_not_fit_are_refused(tmp_path):
    with write_array_file(tmp_path / "arrays.safetensors", "one", COLUMNS, COUNTS) as writer:
        for name, values in (("units", np.zeros(6)), ("cepstra", np.zeros(2)), ("pitch", np.zeros((2, 1)))):
            with pytest.raises(ValueError, match="do not fit"):
                writer.write(name, 0, 0, values)
