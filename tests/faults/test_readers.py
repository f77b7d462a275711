"""What is read while another process writes it is the old one or the new one, never a mix or a traceback."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError
from babble_jax.pretrained import pretrained
from babble_jax.timing.preset import load_timing
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from tests.faults.outcomes import read_tree

SAVE_VOICES = """
import sys, dataclasses, time, jax
from pathlib import Path
from babble_jax.pretrained.pretrained import load_voice, save_voice
one = load_voice(sys.argv[1])
for number in range(int(sys.argv[3])):
    params = jax.tree.map(lambda x: 0 * x + number, one.params)
    save_voice(dataclasses.replace(one, params=params, card={"steps": number}), Path(sys.argv[2]))
    time.sleep(0.02)
"""
SAVE_PRESETS = """
import sys
from babble_jax.timing.preset import load_timing
presets = [load_timing(name) for name in ("switchboard", "ami")]
for number in range(int(sys.argv[2])):
    presets[number % 2].save(sys.argv[1])
"""
BUILD = """
import sys
from babble_jax.dataset.recordings import build_from_folders
build_from_folders(sys.argv[1], sys.argv[2], 4000)
"""


def start(code: str, *values: object) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, values)])


def number_of(voice: pretrained.PretrainedVoice) -> int:
    """Number of a voice by its card; all its weights must be that number."""
    number = voice.card["steps"]
    for values in jax.tree.leaves(voice.params):
        np.testing.assert_array_equal(values, number)
    return number


def write_voice(folder: Path, number: int) -> None:
    """Writes a voice whose weights are all one number."""
    model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1, expand_top=True)
    settings = VoiceConfig(model, Quantizer("mu_law", 16), 4000, 2.0, ())
    shapes = jax.eval_shape(settings.sample_model.init, jax.random.key(0))
    params = jax.tree.map(lambda x: np.full(x.shape, number, np.float32), shapes)
    pretrained.save_voice(pretrained.PretrainedVoice(settings, params, card={"steps": number}), folder)


def test_a_voice_that_is_replaced_between_two_of_its_files_is_read_again(tmp_path, monkeypatch):
    write_voice(tmp_path / "voice", 0)
    write_voice(tmp_path / "other", 1)
    read_weights, reads = pretrained._read_weights, []

    def replace_first(*args):
        if not reads:
            for name in ("weights.safetensors", "voice.json"):
                (tmp_path / "other" / name).replace(tmp_path / "voice" / name)
        reads.append(args)
        return read_weights(*args)

    monkeypatch.setattr(pretrained, "_read_weights", replace_first)
    assert number_of(pretrained.load_voice(tmp_path / "voice")) == 1
    assert len(reads) == 2


@pytest.mark.slow
def test_a_voice_is_read_while_another_process_saves_it(tmp_path):
    write_voice(tmp_path / "first", 0)
    write_voice(tmp_path / "voice", 0)
    writer = start(SAVE_VOICES, tmp_path / "first", tmp_path / "voice", 400)
    numbers = []
    while writer.poll() is None:
        numbers.append(number_of(pretrained.load_voice(tmp_path / "voice")))
    assert writer.wait() == 0
    assert numbers == sorted(numbers)
    print(f"{len(numbers)} reads of {len(set(numbers))} voices")
    assert len(set(numbers)) > 20


@pytest.mark.slow
def test_a_preset_is_read_while_another_process_writes_it(tmp_path):
    path, reads = tmp_path / "timing.json", 0
    values = [load_timing(name).to_json() for name in ("switchboard", "ami")]
    writer = start(SAVE_PRESETS, path, 300)
    while writer.poll() is None:
        if path.exists():
            assert load_timing(path).to_json() in values
            reads += 1
    assert writer.wait() == 0
    print(f"{reads} reads")
    assert reads > 20


@pytest.mark.slow
def test_a_data_set_is_absent_or_complete_while_another_process_builds_it(tone_files, tones, tmp_path):
    writer, refusals, opened = start(BUILD, tone_files, tmp_path / "data"), 0, None
    while opened is None:
        try:
            opened = open_dataset(tmp_path / "data")
        except BabbleError as error:
            assert "no such folder or file, and no TFDS dataset of that name" in str(error)  # noqa: PT017
            refusals += 1
    expected = open_dataset(tones)
    for i in range(len(expected)):
        np.testing.assert_array_equal(opened.read(i), expected.read(i))
    assert writer.wait() == 0
    print(f"{refusals} refusals before it was there")
    assert refusals


MEASURE = """
import sys
from babble_jax.dataset.features import open_features
from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset.source import open_dataset
open_features(open_dataset(sys.argv[1]))
"""


def unfinished(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if "babble-unfinished" in path.name]


@pytest.mark.slow
def test_features_whose_measuring_is_killed_are_measured_again(tones, tmp_path):
    """Five kills while the file is being written; the file is absent until it is complete."""
    data, expected, draws = tmp_path / "data", tmp_path / "expected", np.random.default_rng(0)
    for folder in (data, expected):
        shutil.copytree(tones, folder, ignore=shutil.ignore_patterns("babble-*"))
    assert start(MEASURE, expected).wait() == 0
    [complete] = expected.glob("babble-features-*")
    for _ in range(5):
        process = start(MEASURE, data)
        while not unfinished(data):
            assert process.poll() is None
        time.sleep(draws.uniform(0, 0.3))
        process.kill()
        assert process.wait() == -9
        assert len(unfinished(data)) == 1
        assert not (data / complete.name).exists()
    assert start(MEASURE, data).wait() == 0
    assert (data / complete.name).read_bytes() == complete.read_bytes()
    assert read_tree(data) == read_tree(expected)
