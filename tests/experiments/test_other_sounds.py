"""The voice of other sounds: trained in parts, released with its NOTICE, judged beside its recordings, on a page."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from babble_jax.launch.run_folder import create_run
from babble_jax.pretrained.catalogue import describe_voice
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.synthesis import kinds
from babble_jax.train.config import OptimizerConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.pipelines import release, sound_judging
from experiments.pipelines.datasets import FolderFiles
from experiments.pipelines.notice import write_section
from experiments.pipelines.parts import Part
from experiments.pipelines.sound_judging import HeldOut, measure_sound
from experiments.release.other_sounds_release import EXPERIMENT as RELEASE
from experiments.report.catalogue import Entry
from experiments.report.other_sounds import page_of_other_sounds
from experiments.report.results import Result
from experiments.voice.other_sounds_from_speech import EXPERIMENT as FROM_SPEECH
from experiments.voice.other_sounds_judged import EXPERIMENT as JUDGED
from experiments.voice.voice_other_sounds import EXPERIMENT

RATE = 16_000
TINY = SampleRNNConfig(frame_sizes=(64, 16), dim=8, embedding=4, hidden=1, expand_top=True, reset="after")
PARTS = {name: Part(3, OptimizerConfig(learning_rate=1e-3), 256, 1.0) for name in ("training", "falling")}
TINY_TRAINING = dataclasses.replace(
    EXPERIMENT,
    sources=("chip", "opera-bass"),
    instruments={"piano": FolderFiles("keys", ("*.wav",))},
    minutes=0.65,
    model=TINY,
    units=8,
    batch_size=4,
    parts=PARTS,
)
SPEAKERS = {
    source: RELEASE.speakers[source] for source in (*TINY_TRAINING.sources, *TINY_TRAINING.instruments)
}


def tones(frequency, seconds=10.0):
    """A tone with two harmonics, that sounds for 1 s of each 1.5 s."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * n * frequency * time) / n for n in (1, 2, 3))
    return (0.1 * wave * (time % 1.5 < 1.0)).astype(np.float32)


def test_a_tone_that_comes_and_goes_has_the_measures_that_it_was_made_with():
    audio = tones(500.0, 9.0)
    own = HeldOut.measure(np.concatenate([tones(500.0), tones(500.0)]), RATE)
    measured = measure_sound(audio, RATE, own.spectrum)
    assert measured.sound_share == pytest.approx(2 / 3, abs=0.02)
    assert measured.stretch_seconds == pytest.approx(1.0, abs=0.03)
    assert measured.pause_seconds == pytest.approx(0.5, abs=0.03)
    assert measured.voiced_share == pytest.approx(2 / 3, abs=0.06)  # windows of 64 ms reach beyond the ends
    assert measured.f0_median_hz == pytest.approx(500, rel=0.01)
    assert measured.loud_db == pytest.approx(10 * np.log10(0.1**2 * (1 + 1 / 4 + 1 / 9) / 2), abs=0.1)
    assert measured.ltas_distance_db < 1
    hiss = audio + np.random.default_rng(0).normal(0, 0.003, len(audio)).astype(np.float32)
    assert measure_sound(hiss, RATE, own.spectrum).flatness > 10 * measured.flatness
    silence = measure_sound(np.zeros_like(audio), RATE, own.spectrum)
    assert (silence.sound_share, silence.stretch_seconds, silence.f0_median_hz) == (0, None, None)


def test_the_pieces_of_recordings_lie_within_their_own_bounds():
    pieces = [tones(300.0 + 10 * n) for n in range(20)]
    own = HeldOut.measure(np.concatenate(pieces), RATE)
    pitches = [row.f0_median_hz for row in own.measure_all(np.stack(pieces))]
    assert sum(own.within("f0_median_hz", pitch) for pitch in pitches) == 18
    assert own.bounds("ltas_distance_db") == (None, 1.5 * own.ranges["ltas_distance_db"].median)
    assert own.bounds("loop_correlation") == (None, own.ranges["loop_correlation"].high)
    assert not own.within("f0_median_hz", None)


def test_a_section_of_the_notice_is_replaced_and_the_others_stay(tmp_path):
    notice = tmp_path / "NOTICE"
    first = "The voice in babble_jax/presets/voices/one"
    notice.write_text(f"{first}\n{'=' * len(first)}\n\nRead by Ann.\n", "utf-8")
    before = notice.read_text("utf-8")
    write_section(notice, "on", ("Made.", "Under a licence."))
    text = notice.read_text("utf-8")
    assert text == before + "\n\n" + "The voice in babble_jax/presets/voices/on\n" + "=" * 41 + (
        "\n\nMade.\n\nUnder a licence.\n"
    )
    write_section(notice, "one", ("Read by Ben.",))
    assert notice.read_text("utf-8") == text.replace("Ann", "Ben")
    notice.write_text("", "utf-8")
    write_section(notice, "one", ("Read by Ann.",))
    assert notice.read_text("utf-8") == before


def test_parts_are_selected_by_name(tmp_path):
    assert TINY_TRAINING.select_parts() == ["training", "falling"]
    assert dataclasses.replace(TINY_TRAINING, until="training").select_parts() == ["training"]
    assert dataclasses.replace(TINY_TRAINING, first="falling").select_parts() == ["falling"]
    wrong = dataclasses.replace(TINY_TRAINING, first="falling", until="training")
    with pytest.raises(
        BabbleError, match=r"'training' comes before 'falling'; the parts in order: training, f"
    ):
        wrong.run(tmp_path, tmp_path)
    assert not list(tmp_path.iterdir())


def part(folder, before):
    """The folder of a part that started from another."""
    folder.mkdir(parents=True)
    (folder / "metrics.jsonl").write_text("{}\n")
    (folder / "config.json").write_text(json.dumps({"init_from": before and str(before)}))
    return folder


def test_the_parts_of_a_training_may_lie_in_several_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "SHIPPED", tmp_path / "voices")
    first = part(tmp_path / "a" / "training", None)
    second = part(tmp_path / "b" / "falling", first / "voice")
    third = part(tmp_path / "b" / "settling", second)
    assert release.find_parts(tmp_path / "b") == [first, second, third]
    (first / "metrics.jsonl").unlink()
    assert release.find_parts(tmp_path / "b") == [second, third]
    with pytest.raises(BabbleError, match=r"training/voice, beside which there is no metrics.jsonl"):
        RELEASE._before(second, tmp_path, tmp_path / "results")


def test_every_source_is_a_speaker_of_a_kind():
    assert tuple(RELEASE.speakers) == (*EXPERIMENT.sources, *EXPERIMENT.instruments)
    assert RELEASE.kinds.keys() == set(RELEASE.speakers.values())
    assert (RELEASE.run_of, JUDGED.run_of) == (EXPERIMENT, EXPERIMENT)
    assert {*JUDGED.speakers, *RELEASE.left_out} == {*RELEASE.speakers}
    assert {*FROM_SPEECH.sources, *FROM_SPEECH.instruments} == FROM_SPEECH.rows.keys() == {*RELEASE.speakers}
    assert {*FROM_SPEECH.rows.values()} == {*load_voice(FROM_SPEECH.voice).config.speakers}


def test_what_the_others_say_is_the_same_without_the_speakers_that_are_left_out():
    voice = load_voice("other-sounds")
    fewer = release.keep_speakers(voice, ("chip", "tenor"))
    assert fewer.config.speakers == tuple(
        name for name in voice.config.speakers if name not in ("chip", "tenor")
    )
    for name in ("bass", "sax"):
        one, other = (speak_streams(any_voice, 0.5, 1, speaker=name, seed=3) for any_voice in (voice, fewer))
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_voice_is_trained_in_parts_released_and_judged(tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "RECORDING_SECONDS", 3.0)  # so that each speaker has some in each split
    monkeypatch.setattr(release, "SHIPPED", tmp_path / "voices")
    monkeypatch.setattr(sound_judging, "MORE", 2)
    monkeypatch.setattr(sound_judging, "SAMPLES", 2)
    monkeypatch.setattr(sound_judging, "SECONDS", 4.0)
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "NOTICE").write_text("")

    def work(name):
        return create_run(tmp_path / "runs", name, "module", {}, []).work

    (tmp_path / "keys").mkdir()
    wave.write(tmp_path / "keys" / "a2.wav", tones(110.0, 1.0), RATE)
    training = dataclasses.replace(TINY_TRAINING, collections=str(tmp_path))
    values = training.run(work("voice_other_sounds"), tmp_path / "results")
    assert values["steps"] == [3, 3]
    assert values["test_bits"].keys() == SPEAKERS.keys()
    assert all(
        own.keys() == {"unigram", "markov", "voice", "samples"} for own in values["test_bits"].values()
    )

    tiny = dataclasses.replace(RELEASE, run_of=TINY_TRAINING, speakers=SPEAKERS, left_out=("piano",))
    shown = {"other_sounds_release": tiny.run(work("other_sounds_release"), tmp_path / "results")}
    assert shown["other_sounds_release"]["steps"] == [3, 6]
    ships = tmp_path / "voices" / "other-sounds"
    voice = load_voice(ships)
    assert sorted(voice.config.speakers) == ["bass", "chip"]
    assert voice.card["training_samples"] == 2 * 3 * 4 * 256
    described = describe_voice(ships)
    assert sorted(described["kind"]) == ["8-bit", "singing"]
    assert described["language"] is None
    assert described["conditioning"] == ["activity", "units"]
    assert "voices/other-sounds\n====" in (tmp_path / "voices" / "NOTICE").read_text()

    again = dataclasses.replace(TINY_TRAINING, minutes=3.0)
    left = {source: name for source, name in SPEAKERS.items() if source not in tiny.left_out}
    judged = dataclasses.replace(
        JUDGED, run_of=again, speakers=left, voice=str(ships), collections=str(tmp_path)
    )
    shown["other_sounds_judged"] = judged.run(work("other_sounds_judged"), tmp_path / "judged")
    assert (tmp_path / "judged-bass-recording.png").is_file()
    entry = Entry("other-sounds", "a voice", "make it")
    text = page_of_other_sounds(
        {
            name: Result(name, json.loads(json.dumps(own, allow_nan=False)) | {"commit": "0" * 40}, entry)
            for name, own in shown.items()
        }
    )
    assert "### Bass" in text
    assert "| bass | " in text
    assert text.count("| share of sound | ") == 2
    assert "None" not in text


def test_a_voice_without_the_speakers_is_refused(tmp_path):
    judged = dataclasses.replace(JUDGED, voice="babblers")
    with pytest.raises(BabbleError, match=r"babblers: has no speaker chip, but woman, man; name a voice of"):
        judged.run(tmp_path, tmp_path / "judged")
    assert not list(Path(tmp_path).iterdir())


def test_an_instrument_without_its_files_is_refused(tmp_path):
    with pytest.raises(BabbleError, match=r"keys: holds no \*\.wav; name the folder .* by --collections"):
        dataclasses.replace(TINY_TRAINING, collections=str(tmp_path)).build_dataset(tmp_path / "dataset")
    assert not (tmp_path / "dataset").exists()
