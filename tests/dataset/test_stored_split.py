"""Our own data sets: every damaged byte is noticed, and what TFDS wrote beside our description is not looked at."""

import json
import shutil

import numpy as np
import pytest
import tensorflow_datasets as tfds

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.dataset import recordings
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError

SHARD = "recordings-train.array_record-00000-of-00001"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    noise = np.random.default_rng(0)
    for i in range(12):
        wave.write(
            folder / "sounds" / ("ann", "ben")[i % 2] / f"{i}.wav", noise.uniform(-0.3, 0.3, 400 + i), 8000
        )
    return recordings.build_from_folders(
        folder / "sounds", folder / "data", sample_rate=8000, trim=False
    ).path


@pytest.fixture
def dataset(tmp_path, built):
    return shutil.copytree(built, tmp_path / "data")


def rewrite(dataset, name, content):
    """Replaces a file and its digest in the manifest, as somebody does who means it."""
    (dataset / name).write_bytes(content)
    manifest = json.loads((dataset / "manifest.json").read_text())
    manifest["sha256"][name] = files.sha256(dataset / name)
    files.write_json(dataset / "manifest.json", manifest)


def test_the_manifest_has_the_digest_of_every_file(dataset):
    manifest = json.loads((dataset / "manifest.json").read_text())
    digests = {path.name: files.sha256(path) for path in dataset.iterdir() if path.name != "manifest.json"}
    assert manifest == {"kind": "babble_jax data set", "format": 2, "sha256": digests}


def test_tfds_reads_the_folder_and_is_not_needed_for_it(dataset):
    source = tfds.builder_from_directory(dataset).as_data_source("train")
    own = open_dataset(dataset)
    assert len(source) == len(own)
    for i in range(len(own)):
        np.testing.assert_array_equal(source[i]["audio"], own.read(i))
        assert source[i]["speaker"] == own.speakers[i]
    for name in ("features.json", "dataset_info.json"):
        (dataset / name).unlink()
    np.testing.assert_array_equal(open_dataset(dataset).read(3), own.read(3))


def test_a_copy_has_the_same_fingerprint(dataset, tmp_path):
    shutil.copytree(dataset, tmp_path / "copy")
    one, two = open_dataset(dataset), open_dataset(tmp_path / "copy")
    assert one.fingerprint == two.fingerprint
    assert one.fingerprint != open_dataset(dataset, sample_rate=4000).fingerprint
    assert one.fingerprint != open_dataset(dataset, "test").fingerprint


def test_a_recording_with_another_checksum_is_one_sentence(dataset):
    index = json.loads((dataset / "metadata.json").read_text())
    index["crc32"]["train"][2] ^= 1
    rewrite(dataset, "metadata.json", json.dumps(index).encode())
    opened = open_dataset(dataset)
    opened.read(1)
    with pytest.raises(
        BabbleError, match=r"data: recording 2 of train is damaged \(its checksum differs\); build"
    ):
        opened.read(2)


def test_a_flipped_byte_of_a_recording_is_one_sentence(dataset):
    path = dataset / SHARD
    content = bytearray(path.read_bytes())
    content[open_dataset(dataset).lengths[0] + 500] ^= 1  # in the first recording
    path.write_bytes(content)
    with pytest.raises(BabbleError, match=r"data: recording \d of train (cannot be read|is damaged)"):
        [open_dataset(dataset).read(i) for i in range(3)]
    path.write_bytes(content[:50])
    with pytest.raises(
        BabbleError, match=r"data: the recordings cannot be opened \(.*\); build the data set"
    ):
        open_dataset(dataset)
    path.unlink()
    with pytest.raises(BabbleError, match=f"{SHARD}: there is no such file; build the data set again"):
        open_dataset(dataset)


def test_a_damaged_index_is_one_sentence(dataset):
    path = dataset / "metadata.json"
    path.write_text(path.read_text().replace("ann", "anm", 1))
    with pytest.raises(BabbleError, match=r"metadata.json: is damaged \(its digest is not the manifest's\)"):
        open_dataset(dataset)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("sample_rate", 10**30, "sample_rate: "),
        ("gain", -1, "gain: "),
        ("speakers", [], "speakers: "),
        ("samples", {"train": [0]}, r"samples.train.0: "),
        ("samples", {"../train": [1]}, "samples."),
        ("speaker", {"train": [1]}, "the index: Value error, speaker has not one item for each recording"),
        ("active", None, "active: "),
        ("crc32", {"train": [-1]}, "crc32.train.0: "),
        ("format", 1, "format: "),
    ],
)
def test_an_index_out_of_bounds_is_one_sentence(dataset, name, value, reason):
    index = json.loads((dataset / "metadata.json").read_text())
    rewrite(dataset, "metadata.json", json.dumps({**index, name: value}).encode())
    with pytest.raises(BabbleError, match=f"metadata.json: {reason}.*; build the data set again"):
        open_dataset(dataset)


def test_an_index_that_contradicts_itself_is_one_sentence(dataset):
    index = json.loads((dataset / "metadata.json").read_text())
    index["speaker"]["train"][0] = 3
    rewrite(dataset, "metadata.json", json.dumps(index).encode())
    with pytest.raises(BabbleError, match="a recording has a speaker without a name"):
        open_dataset(dataset)
    index["speaker"]["train"][0] = 0
    index["active"]["train"][0] = [[0, index["samples"]["train"][0] + 1]]
    rewrite(dataset, "metadata.json", json.dumps(index).encode())
    with pytest.raises(BabbleError, match="an interval of speech lies outside of its recording"):
        open_dataset(dataset)


@pytest.mark.parametrize(
    "manifest",
    [
        "[]",
        '{"kind": "babble_jax data set", "format": 3}',
        '{"kind": "x"}',
        '{"kind": "babble_jax data set"}',
    ],
)
def test_what_is_no_manifest_is_one_sentence(dataset, manifest):
    (dataset / "manifest.json").write_text(manifest)
    with pytest.raises(BabbleError, match=r"manifest.json: is .*; build the data set again"):
        open_dataset(dataset)
