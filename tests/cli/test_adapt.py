"""`babble adapt`: the voice that it writes and what it prints; voices that speak phones are refused."""

import json

import pytest

from babble_jax.pretrained.pretrained import load_voice, save_voice
from babble_jax.pretrained.tacotron_voice import save_tacotron_voice
from tests.command import done, refused
from tests.pretrained.phone_voice import build_phone_voice
from tests.small_inputs import write_long_recording
from tests.voice.unit_voice import build_unit_voice


def test_a_voice_that_speaks_phones_is_refused(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_tacotron_voice(build_phone_voice(), tmp_path / "second")
    sentence = refused(capsys, "adapt sounds --from second --out mine")
    assert "--from second: this voice speaks phones, which cannot be adapted; name one" in sentence
    assert [path.name for path in tmp_path.iterdir()] == ["second"]


@pytest.mark.slow
def test_it_writes_a_voice_lets_it_speak_and_judges_that(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_voice(build_unit_voice(), tmp_path / "pair")
    write_long_recording(tmp_path / "cleo.wav")
    out = done(capsys, "adapt cleo.wav --from pair --steps 1 --speaker cleo --out mine").out
    assert "babble by cleo of the voice mine, with seed 0" in out
    assert "verdict on" in out
    assert "held-out recordings: " in out
    assert "consent of cleo: not stated; obtain the speaker's consent before you share this voice" in out
    assert "speak with it: babble speak --voice mine" in out
    assert load_voice(tmp_path / "mine").card["active_levels"]
    reference = json.loads((tmp_path / "mine" / "reference-cleo.json").read_text())
    assert reference["name"] == "recordings of cleo"
    assert refused(capsys, "adapt cleo.wav --from pair --out mine").startswith(
        "mine: holds other files than a voice"
    )
