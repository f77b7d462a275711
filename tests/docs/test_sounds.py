"""The page to hear what ships: up to date, complete, and its sounds are there."""

import dataclasses
import importlib.util

import numpy as np
import soundfile

from babble_jax.voice.conditioning.prosody import Prosody
from tests.docs.pages import ROOT

FOLDER = ROOT / "docs" / "sounds"


def _sounds():
    spec = importlib.util.spec_from_file_location("sounds", FOLDER / "sounds.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date_and_a_missing_sound_is_named(tmp_path, monkeypatch, capsys):
    sounds = _sounds()
    assert sounds.main(["--check"]) == 0, capsys.readouterr().err
    (tmp_path / "index.md").write_text(sounds.page())
    monkeypatch.setattr(sounds, "FOLDER", tmp_path)
    assert sounds.main(["--check"]) == 1
    assert "woman-low.mp3" in capsys.readouterr().err


def test_every_control_is_heard():
    sounds = _sounds()
    changed = {
        field.name
        for row in sounds.CONTROLS
        for field in dataclasses.fields(Prosody)
        if getattr(row.prosody, field.name) != field.default
    }
    assert changed | {"contour"} == {field.name for field in dataclasses.fields(Prosody)}
    for row in sounds.CONTROLS:
        option, value = row.options.split()
        expected = getattr(row.prosody, option[2:].replace("-", "_"))
        assert str(expected) == value or float(value) == expected


def test_sounds_sound_and_are_small():
    files = sorted(FOLDER.glob("*.mp3"))
    assert sum(path.stat().st_size for path in (*files, *FOLDER.glob("*.png"))) < 3e6
    for path in files:
        audio, rate = soundfile.read(path)
        assert rate == 16_000, path
        assert 2 <= len(audio) / rate <= 21, path
        assert np.sqrt(np.mean(audio**2)) > 1e-3, path
