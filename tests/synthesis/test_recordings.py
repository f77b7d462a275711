"""Folders of synthesized recordings: the same from a seed, with labels, and the data set that they become."""

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.audio.activity import read_phone_labels
from babble_jax.dataset import recipes
from babble_jax.errors import BabbleError
from babble_jax.synthesis import kinds, recordings


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
