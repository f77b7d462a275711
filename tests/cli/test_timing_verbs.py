"""The verbs on timing, from the command line to what they print and write."""

import json
from pathlib import Path

import jax
import numpy as np
import pytest
import soundfile

from babble_jax.audio.quantize import Quantizer
from babble_jax.cli import main
from babble_jax.pretrained.pretrained import PretrainedVoice, save_voice
from babble_jax.timing import preset
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig


@pytest.fixture(scope="module")
def voice(tmp_path_factory) -> Path:
    """An untrained voice: noise, loud enough to be heard."""
    model = SampleRNNConfig(frame_sizes=(4, 2), dim=8, embedding=4, hidden=1, expand_top=True)
    config = VoiceConfig(model, Quantizer(q_levels=16), sample_rate=4000, gain=2.0)
    folder = tmp_path_factory.mktemp("voice") / "tiny"
    save_voice(
        PretrainedVoice(config, config.sample_model.init(jax.random.key(0)), "tiny", card={"steps": 0}),
        folder,
    )
    return folder


@pytest.fixture(scope="module")
def talk(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "talk.csv"
    lines = ["conversation,speaker,start,end"]
    lines += [f"talk,{'ab'[turn % 2]},{1.2 * turn},{1.2 * turn + 1}" for turn in range(6)]
    path.write_text("\n".join(lines))
    return path


def run(*arguments: object) -> None:
    main([str(argument) for argument in arguments])


def test_timings(capsys):
    run("timings", "--json")
    assert [row["name"] for row in json.loads(capsys.readouterr().out)["presets"]] == preset.timing_names()
    run("timings")
    assert "switchboard: 2194 conversations" in capsys.readouterr().out


def test_converse_replays_shifts_and_compare_sees_it(voice, talk, tmp_path, capsys):
    for shift in ("0", "0.3"):
        run("converse", "--voice", voice, "--out", tmp_path / shift, "--replay", talk, "--shift-gaps", shift)
    assert "shift_gaps 0.3: 5 floor transfers asked to change" in capsys.readouterr().out
    lengths = [soundfile.info(tmp_path / shift / "dialogue.wav").duration for shift in ("0", "0.3")]
    np.testing.assert_allclose(lengths, [7.0, 8.5])
    run("compare", tmp_path / "0", tmp_path / "0.3", "--json")
    values = json.loads(capsys.readouterr().out)
    assert values["a"] == {"name": str(tmp_path / "0"), "conversations": 1, "hours": 7 / 3600}
    (row,) = [row for row in values["rows"] if row["name"] == "offset_ipu"]
    assert list(row) == ["name", "a", "b", "distance", "split_half"]
    assert row["split_half"] is None
    assert [row["a"], row["b"], row["distance"]] == pytest.approx([0.2, 0.5, 0.3], abs=1e-3)
    run("compare", talk, tmp_path / "0.3")
    assert "offset ipu (ms)" in capsys.readouterr().out


def test_compare_takes_presets(talk, tmp_path, capsys):
    preset.load_timing("switchboard").save(tmp_path / "own.json")
    run("compare", talk, tmp_path / "own.json", "--json")
    own = json.loads(capsys.readouterr().out)
    run("compare", talk, "switchboard", "--json")
    assert json.loads(capsys.readouterr().out)["rows"] == own["rows"]
    assert own["b"]["hours"] == 10


def test_stimuli(voice, tmp_path, capsys):
    (tmp_path / "spec.toml").write_text(
        f'voices = ["{voice}"]\nseconds = 6\nitems = 2\n[factors.gap]\nnatural = {{}}\n'
        "long = { shift_gaps = 0.3 }\n[catch]\ntrials = 1\nshift_gaps = 2.0\n"
    )
    run("stimuli", tmp_path / "spec.toml", "--out", tmp_path / "out")
    out = capsys.readouterr().out
    assert "5 stimuli: 2 items in 2 conditions, and 1 catch trial\n2 lists of 3 trials\n" in out
    assert "balanced completely with a multiple of 16 items" in out
    assert len(list((tmp_path / "out").glob("*.wav"))) == 5


def test_how_the_annotation_to_replay_was_understood_is_printed(voice, talk, tmp_path, capsys):
    (tmp_path / "spec.toml").write_text(
        f'voices = ["{voice}"]\nreplay = ["{talk}"]\nitems = 1\n[factors.gap]\nnatural = {{}}\n'
    )
    run("stimuli", tmp_path / "spec.toml", "--out", tmp_path / "out")
    assert "read: 1 conversation of two or more speakers in 1 file\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--start", "3"), "choose what to replay; give --replay, too"),
        (("--shift-gaps", "nan"), "--shift-gaps is a number of seconds"),
        (("--replay", "TALK", "--conversation-id", "x"), "0 conversations to replay have the id 'x'"),
        (("--replay", "TALK", "--start", "99"), "nothing was observed at 99 s"),
    ],
)
def test_what_makes_no_sense_is_told(voice, talk, tmp_path, capsys, arguments, message):
    arguments = [talk if argument == "TALK" else argument for argument in arguments]
    with pytest.raises(SystemExit) as stop:
        run("converse", "--voice", voice, "--out", tmp_path / "out", *arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
