"""`babble adapt`: the voice that it writes and what it prints; voices that speak phones are refused."""

import dataclasses
import json
import re

import pytest

from babble_jax.pretrained.pretrained import load_voice, save_voice
from babble_jax.pretrained.tacotron_voice import save_tacotron_voice
from tests.command import babble, done, refused
from tests.pretrained.phone_voice import build_phone_voice
from tests.small_inputs import write_long_recording
from tests.voice.unit_voice import build_unit_voice


def test_a_voice_that_speaks_phones_is_refused(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_tacotron_voice(build_phone_voice(), tmp_path / "second")
    sentence = refused(capsys, "adapt sounds --from second --out mine")
    assert "--from second: this voice speaks phones, which cannot be adapted; name one" in sentence
    assert [path.name for path in tmp_path.iterdir()] == ["second"]


def test_no_time_is_estimated_of_minutes_that_are_refused(capsys):
    code, _, err = babble(capsys, "adapt sounds --minutes -1 --out mine")
    assert (code, err) == (2, "babble: --minutes is -1; choose from 0.01 to 1440.\n")


@pytest.mark.slow
def test_it_writes_a_voice_lets_it_speak_and_judges_that(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_voice(dataclasses.replace(build_unit_voice(), card={"source": "two books"}), tmp_path / "pair")
    write_long_recording(tmp_path / "cleo.wav")
    out, err = done(capsys, "adapt cleo.wav --from pair --steps 1 --speaker cleo --out mine")[1:]
    assert "babble by cleo of the voice mine, with seed 0" in out
    assert "verdict on" in out
    assert re.search(
        r"held-out recordings: [0-9.]+ bits per sample before any update, [0-9.]+ now: (gained [0-9.]+ bits; released: "
        r"update 1|nothing gained; released: the parameters before any update)\n",
        out,
    )
    assert "mean nothing for recordings that pair was trained on: two books\n" in out
    assert re.search(
        r"recordings: [0-9.]+ min of speech in 1 file; [0-9]+ pieces? to train on, [1-9][0-9]* held out to decide by",
        err,
    )
    assert "evaluated after 0 updates: bits " in err
    assert "consent of cleo: not stated; obtain the speaker's consent before you share this voice" in out
    assert "speak with it: babble speak --voice mine" in out
    assert load_voice(tmp_path / "mine").card["active_levels"]
    reference = json.loads((tmp_path / "mine" / "reference-cleo.json").read_text())
    assert reference["name"] == "recordings of cleo"
    again = babble(capsys, "adapt cleo.wav --from pair --out mine")
    assert again.code == 2
    assert again.err.startswith("babble: mine: is finished (")  # before it estimates
    rows = done(capsys, "voices mine").out
    assert "% of the runs of acoustic units its own" in rows
    assert "own share" not in rows
