"""Opening datasets: named TFDS ones through the same code as ours, and what is no dataset."""

import sys
from typing import ClassVar

import numpy as np
import pytest
import tensorflow_datasets as tfds

from babble_jax.dataset import recordings, source, tfds_folder
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError


class BabbleMockSpeech(tfds.core.GeneratorBasedBuilder):
    """As librispeech: key `speech`, int64 values, a numeric speaker, a rate in the metadata."""

    VERSION = tfds.core.Version("1.0.0")
    code_path = None
    LENGTHS: ClassVar[dict[str, list[int]]] = {"train": [300, 200, 500], "test": [100, 50]}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {"speech": tfds.features.Tensor(shape=(None,), dtype=np.int64), "speaker_id": np.int64}
            ),
            metadata=tfds.core.MetadataDict(sample_rate=8000),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in self.LENGTHS}

    def _generate_examples(self, split):
        for i, length in enumerate(self.LENGTHS[split]):
            yield i, {"speech": np.arange(length) * 8 - 100, "speaker_id": 70 - 10 * (i % 2)}


class BabbleMockCommands(tfds.core.GeneratorBasedBuilder):
    """As speech_commands: key `audio`, no speaker, no rate."""

    VERSION = tfds.core.Version("1.0.0")
    code_path = None

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {"audio": tfds.features.Tensor(shape=(None,), dtype=np.int16)}
            ),
        )

    def _split_generators(self, dl_manager):
        raise NotImplementedError("mock data only")

    def _generate_examples(self):
        raise NotImplementedError("mock data only")


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    """TFDS's folder, put elsewhere; a named dataset is prepared in it."""
    make = tfds.builder
    monkeypatch.setattr(tfds, "builder", lambda name, **options: make(name, data_dir=tmp_path, **options))
    return tmp_path


def test_a_named_dataset_is_prepared_counted_once_and_read(data_dir, monkeypatch):
    opened = open_dataset("babble_mock_speech", "test")
    assert opened.lengths.tolist() == [100, 50]
    assert opened.speaker_names == ("60", "70")
    assert opened.speakers.tolist() == [1, 0]
    assert opened.sample_rate == 8000
    assert opened.gain == pytest.approx(0.9 * 32_768 / (499 * 8 - 100))  # the training split's peak
    np.testing.assert_array_equal(opened.read(0), np.arange(100) * 8 - 100)
    assert opened.read(0).dtype == np.int16
    assert len(list(data_dir.rglob("babble-index-*.json"))) == 2

    monkeypatch.setattr(tfds_folder, "Progress", None)  # counting again would call it
    again = open_dataset("babble_mock_speech", "test")
    assert again.lengths.tolist() == opened.lengths.tolist()
    folder = next(data_dir.rglob("dataset_info.json")).parent
    assert open_dataset(folder, "train").lengths.tolist() == [300, 200, 500]  # a folder that is not ours


def test_resampling_on_reading(data_dir):
    opened = open_dataset("babble_mock_speech", "train", sample_rate=12_345)
    assert opened.sample_rate == 12_345
    for i, length in enumerate([300, 200, 500]):
        assert len(opened.read(i)) == opened.lengths[i] == int(np.ceil(length * 12_345 / 8000))


def test_mock_data(tmp_path):
    with tfds.testing.mock_data(num_examples=4):
        opened = open_dataset("babble_mock_commands", "train", sample_rate=16_000)
        assert len(opened) == 4
        assert opened.speaker_names == ("babble_mock_commands",)
        assert opened.speakers.tolist() == [0] * 4
        for i in range(4):
            assert len(opened.read(i)) == opened.lengths[i]
        with pytest.raises(BabbleError, match="does not say its sample rate"):
            open_dataset("babble_mock_commands", "train")


def test_stereo_and_floats_become_int16():
    stereo = np.array([[100, 200], [-300, -100]], np.int64)
    np.testing.assert_array_equal(tfds_folder._to_mono_int16(stereo), [150, -200])
    np.testing.assert_array_equal(
        tfds_folder._to_mono_int16(np.array([0.5, -1.0, 1.0], np.float32)), [16_384, -32_768, 32_767]
    )


def test_what_is_no_dataset_is_one_sentence(tmp_path, folder):
    root, _ = folder
    for name in ("no_such_dataset", "no/such", "/no/such/folder", "./none", "a b"):
        with pytest.raises(BabbleError, match="no such folder or file, and no TFDS dataset of that name"):
            open_dataset(name, "train")
    with pytest.raises(BabbleError, match=r"is no dataset but a folder of sound files; .*babble dataset"):
        open_dataset(root, "train")
    with pytest.raises(BabbleError, match="is no dataset but a file"):
        open_dataset(next(root.rglob("*.wav")), "train")
    with pytest.raises(BabbleError, match="`babble dataset excerpt --out FOLDER`"):
        open_dataset("excerpt", "train")
    recordings.build_from_folders(root, tmp_path / "data", sample_rate=8000)
    with pytest.raises(BabbleError, match=r"has no split 'dev'; choose from train, validation, test"):
        open_dataset(tmp_path / "data", "dev")
    (tmp_path / "data/manifest.json").write_text("{")
    with pytest.raises(BabbleError, match=r"manifest.json, line 1: is no JSON .*; build the data set again"):
        open_dataset(tmp_path / "data", "train")
    (tmp_path / "data/manifest.json").unlink()
    with pytest.raises(
        BabbleError, match="is of another version, or its manifest is missing; build it again"
    ):
        open_dataset(tmp_path / "data", "train")
    (tmp_path / "data/dataset_info.json").write_text("{}")
    with pytest.raises(BabbleError, match="the dataset cannot be opened"):
        open_dataset(tmp_path / "data", "train")


def test_a_named_dataset_that_needs_tensorflow_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(BabbleError, match=r"ljspeech: this TFDS dataset needs a package .*tensorflow"):
        open_dataset("ljspeech", "train")


def test_a_record_that_disagrees_with_the_index_is_told():
    opened = source.Recordings(
        np.array([3]), np.array([0], np.int32), ("a",), 8000, 1.0, lambda i: np.zeros(2, np.int16)
    )
    with pytest.raises(BabbleError, match="recording 0 holds 2 samples where"):
        opened.read(0)
