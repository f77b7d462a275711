"""The demo: makes a dialogue, is resumed where it was interrupted, and never replaces other files."""

import json

import pytest

from babble_jax import demo as module
from babble_jax.audio import wave
from babble_jax.errors import BabbleError


def test_a_folder_that_holds_other_things_is_refused_and_kept(tmp_path):
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(BabbleError, match="holds other things than a demo"):
        module.demo(tmp_path, 10.0, 0, train=False)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_a_killed_demo_left_is_swept(tmp_path, monkeypatch):
    (tmp_path / ".dialogue.babble-unfinished-0123abcd").mkdir()
    (tmp_path / ".dialogue.babble-replaced-0123abcd").mkdir()
    (tmp_path / ".dialogue.babble-lock").touch()

    def refuse(*args, **options):
        raise BabbleError("The folder is taken.")

    monkeypatch.setattr(module, "converse", refuse)
    with pytest.raises(BabbleError, match="The folder is taken"):
        module.demo(tmp_path, 10.0, 0, train=False)
    assert [path.name for path in tmp_path.iterdir()] == ["dialogue"]


@pytest.mark.slow
def test_it_goes_on_where_it_was_interrupted_and_writes_a_dialogue(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "STEPS", 120)
    monkeypatch.setattr(module, "BATCH_SIZE", 8)
    out, honest = tmp_path / "demo", module.converse

    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "converse", interrupted)
    with pytest.raises(KeyboardInterrupt):
        module.demo(out, 20.0, 0, train=True)
    weights = (out / "training" / "voice" / "weights.safetensors").read_bytes()
    assert not (out / "dialogue").exists()

    monkeypatch.setattr(module, "converse", honest)
    text = module.demo(out, 20.0, 0, train=True)
    assert (out / "training" / "voice" / "weights.safetensors").read_bytes() == weights
    manifest = json.loads((out / "dialogue" / "manifest.json").read_text())
    audio, rate = wave.read(out / "dialogue" / "dialogue.wav", mono=False)
    assert rate == module.SAMPLE_RATE
    assert audio.shape == (manifest["samples"], 2)
    assert manifest["largest_deviation_ms"] <= 10
    assert str(out / "dialogue" / "dialogue.wav") in text
