"""Folders of synthesized recordings: the same from a seed, with labels, and the data set that they become."""

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.audio.activity import read_phone_labels
from babble_jax.cli import train_data
from babble_jax.dataset import building, recipes
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError
from babble_jax.synthesis import kinds, recordings, sung_babble
from babble_jax.train.tasks.voice.presets import SMALL_PRESET


def test_every_kind_that_is_named_is_made():
    assert kinds.KINDS.keys() == recordings._BABBLE.keys()


@pytest.mark.parametrize("kind", ["chip", "opera-tenor"])
def test_recordings_have_labels_and_follow_from_the_seed(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "RECORDING_SECONDS", 3.0)
    folder = recordings.write_recordings(kind, tmp_path / "a", minutes=0.11, seed=3)
    names = [f"{kind}_{i:05d}.{ending}" for i in (1, 2) for ending in ("lab", "wav")]
    assert sorted(path.name for path in folder.iterdir()) == ["COPYRIGHT.txt", *names]
    assert '"woman" of the voice "babblers"' in " ".join((folder / "COPYRIGHT.txt").read_text().split())
    more = recipes.fetch_recipe(kind, tmp_path / "b", 0.05, 3)
    for name in names[:2]:
        assert (more / name).read_bytes() == (folder / name).read_bytes()
    other = recordings.write_recordings(kind, tmp_path / "c", minutes=0.05, seed=4, speaker="man")
    assert (other / names[1]).read_bytes() != (more / names[1]).read_bytes()
    audio, rate = wave.read(folder / names[1])
    assert (len(audio), rate) == (3 * recordings.RATE, recordings.RATE)
    active = read_phone_labels(folder / names[0])
    assert 0.5 < np.diff(active).sum() <= 3.0
    time = (np.arange(len(audio)) + 0.5) / rate
    inside = ((time > active[:, :1] - 0.01) & (time < active[:, 1:] + 0.1)).any(axis=0)
    power = np.square(audio.astype(np.float64))
    assert power[inside].sum() > 0.999 * power.sum()
    with pytest.raises(BabbleError, match="already there"):
        recordings.write_recordings(kind, tmp_path / "a")


def test_kinds_share_neither_what_is_sung_nor_the_singer(tmp_path):
    labels, singers = [], []
    for voice_type in ("tenor", "bass"):
        kind = f"opera-{voice_type}"
        folder = recordings.write_recordings(kind, tmp_path, minutes=0.05, seed=3)
        labels.append((folder / f"{kind}_00001.lab").read_text().splitlines())
        draws = np.random.default_rng(kinds.kind_seed(kind))
        singers.append(sung_babble.draw_singer(voice_type, 64, draws))
    ends, names = ([[line.split()[column] for line in one[1:]] for one in labels] for column in (0, 2))
    assert ends[0] != ends[1]
    assert names[0] != names[1]
    assert singers[0].vowels != singers[1].vowels
    assert singers[0].vibrato_rate != singers[1].vibrato_rate
    assert kinds.kind_seed("chip") == 0xAA29BCBB  # the same on every machine


def test_a_training_makes_its_data_set_of_a_kind(tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "RECORDING_SECONDS", 3.0)
    monkeypatch.setattr(building, "MINUTES", 0.15)
    train_data.check_source("chip")
    dataset = train_data.open_data("chip", tmp_path / "run", SMALL_PRESET, yes=False)
    split = open_dataset(dataset, "train")
    assert split.sample_rate == 8000
    assert split.speaker_names == ("chip",)
    assert train_data.open_data("chip", tmp_path / "run", None, yes=False) == dataset  # goes on


def test_what_cannot_be_made_is_one_sentence(tmp_path):
    for options, message in (
        ({"kind": "opus"}, "no such sound is synthesized; choose from chip"),
        ({"minutes": 0.0}, "0 minutes of sound are asked for; choose from 0.05 to 600"),
        ({"seed": -1}, "seed is -1"),
        ({"speaker": "child"}, "child: there is no such speaker; choose from woman, man"),
    ):
        with pytest.raises(BabbleError, match=message):
            recordings.write_recordings(**({"kind": "chip", "folder": tmp_path} | options))
    assert kinds.recording_lengths(20.0) == [15.0] * 80
    assert kinds.recording_lengths(0.58) == [15.0, 15.0, pytest.approx(4.8)]
    assert kinds.recording_lengths(0.52) == [15.0, 15.0]
