"""Folders that TFDS wrote: nothing is imported by a name in a file, and a damaged index is counted anew."""

import contextlib
import json
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

from babble_jax.dataset.source import open_dataset
from babble_jax.dataset.tfds_folder import check_imports
from babble_jax.errors import BabbleError

EVIL = """
import pathlib
pathlib.Path(__file__).with_name("imported").touch()
import tensorflow_datasets as tfds
class Evil(tfds.features.Tensor):
    pass
"""


class BabbleForeign(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Records of another maker."""

    VERSION = tfds.core.Version("1.0.0")
    code_path = None

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {
                    "audio": tfds.features.Tensor(shape=(None,), dtype=np.int16),
                    "speaker": tfds.features.ClassLabel(names=["ann", "ben"]),
                }
            ),
            metadata=tfds.core.MetadataDict(sample_rate=8000),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        for i in range(3):
            yield i, {"audio": np.arange(1, 5 + i, dtype=np.int16), "speaker": i % 2}


@pytest.fixture
def foreign(tmp_path):
    """The folder of a data set of TFDS, and beside it a module that writes a file when it is imported."""
    builder = BabbleForeign(data_dir=str(tmp_path), file_format="array_record")
    builder.download_and_prepare()
    (tmp_path / "babble_evil.py").write_text(EVIL)
    sys.path.insert(0, str(tmp_path))
    yield next(tmp_path.rglob("features.json")).parent
    sys.path.remove(str(tmp_path))


def rename_feature(value, change):
    """Changes one feature in the JSON of features: `speaker`, which is not read but opened with the others."""
    change(value["featuresDict"]["features"]["speaker"])
    return value


NAME = "babble_evil.Evil"
ATTACKS = {
    "as TFDS writes it": lambda features: rename_feature(
        features, lambda one: one.update(pythonClassName=NAME)
    ),
    "the other name of the field": lambda features: rename_feature(
        features, lambda one: (one.pop("pythonClassName"), one.update(python_class_name=NAME))
    ),
    "the outermost": lambda features: {**features, "pythonClassName": NAME},
    "as TFDS once wrote it": lambda features: {"type": NAME, "content": {}},
    "within the older form": lambda features: {
        "type": "tensorflow_datasets.core.features.features_dict.FeaturesDict",
        "content": {"audio": {"type": NAME, "content": {}}},
    },
    "in JSON within text": lambda features: {
        "pythonClassName": "tensorflow_datasets.core.features.features_dict.FeaturesDict",
        "jsonFeature": {"json": json.dumps({"audio": {"type": NAME, "content": {}}})},
    },
    "in text of the older form": lambda features: {
        "type": "tensorflow_datasets.core.features.features_dict.FeaturesDict",
        "proto_cls": "tensorflow_datasets.FeaturesDict",
        "content": json.dumps({"features": {"audio": {"pythonClassName": NAME}}}),
    },
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_module_is_imported_by_a_name_in_a_file(foreign, attack):
    path = foreign / "features.json"
    path.write_text(json.dumps(ATTACKS[attack](json.loads(path.read_text()))))
    with pytest.raises(
        BabbleError, match=r"names the feature 'babble_evil.Evil', which is none of TFDS's own"
    ):
        open_dataset(foreign)
    assert "babble_evil" not in sys.modules
    assert not list(foreign.parent.parent.rglob("imported"))


def test_the_attack_works_on_tfds_itself(foreign):
    """Else the test above would show nothing."""
    path = foreign / "features.json"
    path.write_text(json.dumps(ATTACKS["as TFDS writes it"](json.loads(path.read_text()))))
    with contextlib.suppress(AttributeError):  # what it then makes of the feature
        tfds.builder_from_directory(foreign)
    assert sys.modules.pop("babble_evil")
    assert list(foreign.parent.parent.rglob("imported"))


def test_the_features_of_tfds_are_opened(foreign):
    check_imports(foreign)
    opened = open_dataset(foreign)
    assert opened.speaker_names == ("ann", "ben")
    assert opened.read(2).tolist() == [1, 2, 3, 4, 5, 6]


def test_a_damaged_index_is_counted_anew(foreign):
    first = open_dataset(foreign)
    path = foreign / "babble-index-train.json"
    content = path.read_text()
    for damaged in (content.replace("4", "5", 1), "{", "[]", "", content.replace('"speaker"', '"sp"')):
        path.write_text(damaged)
        assert open_dataset(foreign).lengths.tolist() == first.lengths.tolist()
        assert path.read_text() == content


@pytest.mark.parametrize("rate", [10**30, -1, "8000", [8000], 0.5])
def test_a_rate_out_of_bounds_is_one_sentence(foreign, rate):
    (foreign / "metadata.json").write_text(json.dumps({"sample_rate": rate}))
    with pytest.raises(BabbleError, match=r"its sample rate is .*; it must be 100 to 1000000 Hz"):
        open_dataset(foreign)
