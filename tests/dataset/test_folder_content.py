"""Names that TFDS may know are told from mistyped paths without loading it."""

import subprocess
import sys

import pytest

from babble_jax.cli.train_data import check_source
from babble_jax.dataset.folder_content import may_be_tfds_name
from babble_jax.errors import BabbleError


@pytest.mark.parametrize(
    "name",
    [
        "ljspeech",
        "librispeech",
        "speech_commands:0.0.2",
        "vctk/mic1",
        "gtzan_music_speech",
        "userlibri_audio_data",
    ],
)
def test_names_of_tfds(name):
    assert may_be_tfds_name(name)


def test_a_mistyped_path_is_no_name_of_tfds(tmp_path):
    for name in ("my-recordings", "recordings", "me.wav", "a/b/c", str(tmp_path / "absent.wav"), ""):
        assert not may_be_tfds_name(name), name
    with pytest.raises(BabbleError, match=r"recordings: there is no such folder or file.*; check the path\."):
        check_source("recordings")
    code = (
        "import sys; from babble_jax.dataset.folder_content import may_be_tfds_name as f; "
        "print(f('me.wav'), f('me'), 'tensorflow_datasets' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]
