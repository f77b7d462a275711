"""`babble train` of sound: the data set is made in the run's folder, presets are listed, judging knows the voice."""

import dataclasses
import json

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.cli import usage
from babble_jax.cli.origin import Origin, format_origin, read_origin
from babble_jax.cli.own_reference import SHIPPED, choose_reference, find_reference, find_short_trainings
from babble_jax.errors import BabbleError
from babble_jax.judge.reference import read_reference
from babble_jax.presets import registry
from babble_jax.pretrained.catalogue import describe_voice
from babble_jax.train.record import RunRecord
from babble_jax.train.tasks.voice.presets import SMALL_PRESET, SPEECH_PRESET
from tests.command import TINY, done, refused


def _speech(path, seconds: float, pitch: float = 150.0) -> None:
    """Writes half a second of buzz and half a second of silence in turn, at 8 kHz."""
    time = np.arange(round(seconds * 8000)) / 8000
    wave.write(path, np.where(time % 1 < 0.5, 0.3 * np.sign(np.sin(2 * np.pi * pitch * time)), 0.0), 8000)


def test_presets_are_listed_and_give_the_values(capsys):
    text = done(capsys, "train --list-presets").out
    assert text.startswith("small: ")
    assert "speech: " in text
    parsed = usage.parse(["train", "data", "--preset", "speech", "--batch-size", "4"])
    assert parsed.config.model == SPEECH_PRESET.config.model
    assert (parsed.config.batch_size, parsed.steps, parsed.log) == (4, SPEECH_PRESET.steps, SPEECH_PRESET.log)
    assert "choose from" in refused(capsys, "train data --preset smal")
    assert "`babble train excerpt`" in refused(capsys, "train")


@pytest.mark.slow
def test_one_file_of_sound_is_enough(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _speech(tmp_path / "mine.wav", 40)
    outcome = done(capsys, f"train mine.wav --steps 2 {TINY}")
    run = tmp_path / "mine-small"
    assert "run: mine-small, by default" in outcome.err
    assert "preset small, changed: batch_size: 16 -> 4; model.dim: 192 -> 8" in outcome.err
    assert "data set: mine-small/dataset, made of mine.wav at 8000 Hz" in outcome.err
    assert "min train" in outcome.err
    assert "min test" in outcome.err
    assert outcome.out.startswith("step 2: ")
    assert "a Markov model of the same recordings: " in outcome.out
    assert "hear it: babble speak --voice mine-small" in outcome.out
    again = done(capsys, f"train mine.wav --steps 3 {TINY}").err
    assert "made of mine.wav by an earlier start" in again
    assert "goes on after 2 of 3 updates" in again
    _speech(tmp_path / "other.wav", 30)
    assert "was made of other sound" in refused(capsys, f"train other.wav --workdir {run} --steps 4")
    moved = run.rename(tmp_path / "moved")
    assert "goes on after 3 of 4" in done(capsys, f"train --workdir {moved} --steps 4").err

    spoken = done(capsys, f"speak --voice {moved} --seconds 10 --out babble.wav")
    assert f"babble.wav: 10.00 s of babble by the voice {moved}, with seed 0; " in spoken.out
    assert "another babble: --seed 1" in spoken.err
    monkeypatch.setattr("babble_jax.cli.own_reference.PIECE_SECONDS", 1.0)
    monkeypatch.setattr("babble_jax.judge.reference.PIECE_SECONDS", 1.0)
    judged = done(capsys, "judge babble.wav --plot j.png")
    assert f"compared with the speech of {moved} itself" in judged.err
    assert "verdict on babble.wav: not like speech of this speaker" in judged.out
    assert (moved / "voice" / "reference.json").is_file()
    done(capsys, f"export {moved} --out mine --source me --licence mine")
    assert find_reference(str(tmp_path / "mine"), None) == find_reference(str(moved), None)
    (moved / "config.json").write_text("{")
    *_, verdict, note, picture = done(capsys, "judge babble.wav --plot j.png").out.splitlines()
    assert verdict.startswith("verdict on babble.wav: ")
    assert note.startswith(
        f"note: whether {moved} was trained to the end of a preset is not known: {moved}/config"
    )
    assert picture == "j.png"


def test_sound_that_cannot_be_used_leaves_nothing(capsys, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    text = refused(capsys, f"train {tmp_path / 'bad.wav'} --workdir {tmp_path / 'run'} --steps 2")
    assert "can be used" in text
    assert {path.name for path in tmp_path.iterdir()} == {"bad.wav"}


def test_a_sound_file_says_which_voice_made_it(tmp_path):
    origin, path = Origin("runs/für", "ann", 3), tmp_path / "a.wav"
    wave.write(path, np.zeros(800), 8000, format_origin(origin))
    assert read_origin(path) == origin
    assert wave.read_sound(path).notes == ()
    origin = dataclasses.replace(origin, prosody="pitch +3 semitones", temperature=0.7)
    wave.write(path, np.zeros(800), 8000, format_origin(origin))
    assert read_origin(path) == origin
    for comment in ("", "[1]", "{}", '{"babble_jax": 1, "voice": 2, "speaker": null, "seed": 1}'):
        wave.write(path, np.zeros(800), 8000, comment)
        assert read_origin(path) is None
    wave.write(
        path, np.zeros(800), 8000, '{"babble_jax": "babble", "voice": "a", "seed": 1, "temperature": "warm"}'
    )
    assert read_origin(path) is None
    (tmp_path / "no.wav").write_text("none")
    assert read_origin(tmp_path / "no.wav") is None


def test_the_reference_is_that_of_the_voice_or_a_guess_that_is_said(capsys, tmp_path):
    paths = []
    for name, speaker in (("w", "woman"), ("m", "man")):
        paths.append(tmp_path / f"{name}.wav")
        wave.write(paths[-1], np.zeros(800), 8000, format_origin(Origin("babblers", speaker, 0)))
    reference, own = choose_reference(paths[:1])
    assert (reference.name, own) == ("asterisk-core-sounds-ru-g722", True)
    reference, own = choose_reference(paths[1:])
    assert (reference.name, own) == ("festvox-ru", True)
    assert "compared with the speech of man of babblers itself" in capsys.readouterr().err
    reference, own = choose_reference(paths)
    assert (reference.name, own) == ("festvox-ru", False)
    assert "a guess, since the files are of several voices" in capsys.readouterr().err
    assert (find_reference("babblers", "nobody"), find_reference("other-sounds", "chip")) == (None, None)
    (tmp_path / "voice").mkdir()
    assert find_reference(str(tmp_path / "voice"), None) is None
    (tmp_path / "voice" / "reference.json").write_text(json.dumps({"name": "x"}))
    with pytest.raises(BabbleError):
        find_reference(str(tmp_path / "voice"), None)


@pytest.mark.parametrize("voice", registry.names("voices"))
def test_each_speaker_that_ships_is_compared_with_its_own_recordings_unless_it_is_no_speech(
    capsys, tmp_path, voice
):
    for one in describe_voice(registry.path("voices", voice), voice)["speakers"]:
        path, speaker = tmp_path / f"{one['name']}.wav", one["name"]
        wave.write(path, np.zeros(800), 8000, format_origin(Origin(voice, speaker, 0)))
        reference, own = choose_reference([path, path])
        text = capsys.readouterr().err
        assert "; --reference names other speech" in text
        assert own == (one["kind"] in ("speech", None))
        if own:
            name = SHIPPED[voice][speaker]
            assert reference == read_reference(registry.path("references", name))
            assert f"itself: {name};" in text
        else:
            assert reference.name == "festvox-ru"
            assert f"a guess, since there is no speech of {speaker} of {voice} to compare with" in text
            assert (
                text.count(f"{speaker} of {voice} is of the kind {one['kind']}, but only speech can be") == 1
            )


def test_babble_of_german_is_judged_beside_german(capsys, tmp_path):
    path = tmp_path / "g.wav"
    audio = np.random.default_rng(0).normal(0, 0.05, 160_000)
    wave.write(path, audio, 16_000, format_origin(Origin("languages", "german", 0)))
    judged = done(capsys, f"judge {path}")
    assert "compared with the speech of german of languages itself: kerstin; --reference names" in judged.err
    assert "pieces of kerstin (" in judged.out
    assert f"verdict on {path}: not like speech of this speaker: " in judged.out


def test_a_short_training_is_named_and_one_without_a_readable_record(tmp_path):
    sound, run = tmp_path / "babble.wav", tmp_path / "my run"
    (run / "checkpoints" / "300").mkdir(parents=True)
    buzz = 0.3 * np.sign(np.sin(2 * np.pi * 150 * np.arange(8000) / 8000))
    wave.write(sound, buzz, 8000, format_origin(Origin(str(run), None, 0)))
    assert find_short_trainings([sound]) == []  # a folder of checkpoints alone is no run
    for config, steps, hint in (
        (SMALL_PRESET.config, 300, True),
        (dataclasses.replace(SMALL_PRESET.config, batch_size=3), 300, False),  # no preset's values
        (SMALL_PRESET.config, SMALL_PRESET.steps, False),
    ):
        RunRecord.begin(config, {}, 300, SMALL_PRESET.log).write(run)
        (run / "checkpoints" / str(steps)).mkdir(exist_ok=True)
        expected = (
            f"next: {run} was trained for 300 of the 1,000 updates of its preset small; train on: "
            f"babble train --workdir '{run}' --steps 1000"
        )
        assert find_short_trainings([sound, sound]) == ([expected] if hint else [])
    for broken in ("{", "[]", '{"steps": 3}'):
        (run / "config.json").write_text(broken)
        (line,) = find_short_trainings([sound])
        assert line.startswith(
            f"note: whether {run} was trained to the end of a preset is not known: {run}/config.json"
        )
    (run / "config.json").write_text("[]")
    assert find_reference(str(run / "voice"), None) is None
