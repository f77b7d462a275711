"""The voice of several languages: its recordings, its start from another voice, release, judgement and section."""

import dataclasses
import json

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.audio.level import active_level_db
from babble_jax.audio.quantize import Quantizer
from babble_jax.cli.own_reference import SHIPPED
from babble_jax.config import from_json
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError
from babble_jax.judge import reference
from babble_jax.launch.run_folder import create_run
from babble_jax.pretrained.catalogue import describe_voice
from babble_jax.pretrained.language_tags import is_language_tag
from babble_jax.pretrained.pretrained import load_voice, save_voice
from babble_jax.train.config import OptimizerConfig
from experiments.pipelines import judging, release, speech_judging
from experiments.pipelines.datasets import SpeechFiles, choose_evenly
from experiments.pipelines.leveled_speakers import read_at_level
from experiments.pipelines.parts import Part
from experiments.release.languages_reference import EXPERIMENT as REFERENCE
from experiments.release.languages_release import EXPERIMENT as RELEASE
from experiments.report.catalogue import Entry
from experiments.report.languages import REFERENCES, section_of_languages
from experiments.report.results import Result, read
from experiments.voice.languages_judged import EXPERIMENT as JUDGED
from experiments.voice.voice_languages import EXPERIMENT
from tests.voice.unit_voice import RATE, K, build_unit_voice

TINY_TRAINING = dataclasses.replace(
    EXPERIMENT,
    sources=(),
    recordings={
        "kathleen": SpeechFiles("k", ("*.wav",), 1.0, "_"),
        "nathalie": SpeechFiles("n", ("*.wav",), 0.7),
    },
    rows={"kathleen": "ann", "nathalie": "ben"},
    sample_rate=RATE,
    model=build_unit_voice().config.model,
    quantizer=Quantizer("mu_law", 32),
    units=K,
    batch_size=4,
    parts={"falling": Part(3, OptimizerConfig(learning_rate=1e-3), 256, 1.0, 0.5)},
)
SPEAKERS = {source: RELEASE.speakers[source] for source in TINY_TRAINING.recordings}


def syllables(frequency, seconds, loud=0.05):
    """A tone with harmonics and a bit of noise, five times a second, with a pause in each second and a half."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * n * frequency * time) / n for n in (1, 2, 3))
    noise = np.random.default_rng(0).normal(0, 0.05, len(time))
    return (loud * (tone + noise) * (1.1 + np.sin(10 * np.pi * time)) * (time % 1.5 < 1.2)).astype(np.float32)


@pytest.fixture
def collections(tmp_path):
    """Folder of the recordings of two speakers: one with two takes of each text, both far from the voice's level."""
    folder = tmp_path / "collections"
    for name in "kn":
        (folder / name).mkdir(parents=True)
    for i in range(20):
        for take in (0, 1):
            wave.write(folder / "k" / f"l{i:02d}_{take}.wav", syllables(180 + 2 * i + take, 2.0, 0.01), RATE)
        wave.write(folder / "n" / f"a{i:02d}.wav", syllables(110 + 2 * i, 2.5, 0.2), RATE)
    return folder


def test_recordings_are_chosen_evenly():
    assert choose_evenly([3.0, 1.0, 2.0], 6.0) == [0, 1, 2]
    assert choose_evenly([2.0] * 9, 6.0) == [2, 5, 8]
    lengths = np.random.default_rng(0).uniform(1, 9, 400).tolist()
    index = choose_evenly(lengths, 500.0)
    assert 490 < sum(lengths[i] for i in index) <= 500
    assert max(np.diff(index)) < 20


def test_the_last_take_of_a_text_is_one_of_the_recordings(collections):
    files = SpeechFiles("k", ("*.wav",), 1.0, "_")
    assert [path.name for path in files.find(collections)] == [f"l{i:02d}_1.wav" for i in range(20)]
    shorter = dataclasses.replace(files, minutes=0.25).find(collections)
    assert [path.name for path in shorter] == [f"l{i:02d}_1.wav" for i in (2, 5, 7, 10, 13, 15, 18)]
    with pytest.raises(BabbleError, match=r"k: holds no \*\.flac; name the folder .* by --collections"):
        SpeechFiles("k", ("*.flac",), 1.0).find(collections)


def test_a_recording_is_brought_to_a_level_or_to_a_peak(tmp_path):
    path = tmp_path / "a.wav"
    wave.write(path, syllables(120, 3.0), RATE)
    assert active_level_db(read_at_level(path, RATE, -20.0, 0.7), RATE) == pytest.approx(-20, abs=1e-3)
    audio = read_at_level(path, RATE, -3.0, 0.7)
    assert np.quantile(np.abs(audio), 0.9999) == pytest.approx(0.7, rel=1e-3)
    wave.write(path, np.zeros(RATE, np.float32), RATE)
    with pytest.raises(BabbleError, match=r"a\.wav: holds nothing but silence; leave the file out"):
        read_at_level(path, RATE, -20.0, 0.7)


def test_every_speaker_has_a_row_a_kind_and_a_language():
    names = {*EXPERIMENT.sources, *EXPERIMENT.recordings}
    assert names == EXPERIMENT.rows.keys() == RELEASE.speakers.keys()
    assert {*EXPERIMENT.rows.values()} == {*load_voice(EXPERIMENT.voice).config.speakers}
    spoken = {*RELEASE.speakers.values()}
    assert spoken == RELEASE.kinds.keys() == RELEASE.languages.keys()
    assert all(map(is_language_tag, RELEASE.languages.values()))
    assert (RELEASE.run_of, REFERENCE.run_of, JUDGED.speakers) == (EXPERIMENT, EXPERIMENT, RELEASE.speakers)
    assert REFERENCE.descriptions.keys() == names
    assert {source: speaker for speaker, source in REFERENCES.items()} == RELEASE.speakers


def test_the_references_that_ship_are_those_of_the_result():
    references = read()["languages_reference"].values["references"]
    assert {one["name"]: one["source"] for one in references} == REFERENCE.descriptions
    for one in references:
        assert from_json(reference.Reference, one) == reference.load_reference(one["name"])
    assert {source: speaker for speaker, source in SHIPPED["languages"].items()} == RELEASE.speakers


def test_the_model_is_that_of_the_voice_that_it_begins_from():
    config = load_voice(EXPERIMENT.voice).config
    own = EXPERIMENT.model, EXPERIMENT.quantizer, EXPERIMENT.units, EXPERIMENT.sample_rate
    assert own == (config.model, config.quantizer, config.units, config.sample_rate)


def test_a_voice_without_the_speakers_is_refused(tmp_path):
    judged = dataclasses.replace(JUDGED, voice="babblers")
    with pytest.raises(
        BabbleError, match=r"has no speaker .*, but woman, man; name a voice of voice_languages by"
    ):
        judged.run(tmp_path, tmp_path / "judged")
    assert not [*tmp_path.iterdir()]


def test_without_results_there_is_no_section():
    assert section_of_languages({}) == []


@pytest.mark.slow
def test_a_voice_begins_from_another_is_released_and_judged(collections, tmp_path, monkeypatch):
    monkeypatch.setattr(release, "SHIPPED", tmp_path / "voices")
    monkeypatch.setattr(judging, "MORE", 2)
    monkeypatch.setattr(judging, "SAMPLES", 2)
    monkeypatch.setattr(speech_judging, "SECONDS", 4.0)
    monkeypatch.setattr(reference, "PIECE_SECONDS", 2.0)
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "NOTICE").write_text("")
    save_voice(dataclasses.replace(build_unit_voice(), card={"steps": 7}), tmp_path / "pair")

    def work(name):
        return create_run(tmp_path / "runs", name, "module", {}, []).work

    training = dataclasses.replace(TINY_TRAINING, voice=str(tmp_path / "pair"), collections=str(collections))
    run = work("voice_languages")
    values = training.run(run, tmp_path / "results")
    assert values["steps"] == [3]
    assert values["test_bits"].keys() == SPEAKERS.keys()
    recordings = open_dataset(run / "dataset", "train")
    levels = [active_level_db(recordings.read(i) / 32768, RATE) for i in range(len(recordings))]
    np.testing.assert_allclose(levels, training.level_db, atol=0.1)
    start, after = load_voice(run / "start"), load_voice(run / "falling")
    assert start.config.gain == after.config.gain == build_unit_voice().config.gain
    assert json.loads((run / "falling" / "config.json").read_text())["init_from"] == str(run / "start")
    assert training.run(run, tmp_path / "results")["steps"] == [3]  # goes on from what is there

    exporting = dataclasses.replace(RELEASE, run_of=training, speakers=SPEAKERS)
    shown = {"languages_release": exporting.run(work("languages_release"), tmp_path / "results")}
    assert shown["languages_release"]["steps"] == [3]
    ships = tmp_path / "voices" / "languages"
    voice = load_voice(ships)
    assert sorted(voice.config.speakers) == ["dutch", "english"]
    base = {"voice": "pair", "steps": 7, "speakers": {"english": "ann", "dutch": "ben"}}
    assert (voice.card["training_samples"], voice.card["adapted_from"]) == (3 * 4 * 256, base)
    assert describe_voice(ships)["conditioning"] == ["activity", "units"]
    assert "voices/languages\n====" in (tmp_path / "voices" / "NOTICE").read_text()

    monkeypatch.setattr(judging, "SHIPPED", tmp_path / "references")
    descriptions = {name: REFERENCE.descriptions[name] for name in SPEAKERS}
    measuring = dataclasses.replace(
        REFERENCE, run_of=training, descriptions=descriptions, collections=str(collections)
    )
    reference_run = work("languages_reference")
    shown["languages_reference"] = measuring.run(reference_run, tmp_path / "results")
    own = reference.read_reference(tmp_path / "references" / "nathalie.json")
    audio = judging.held_out(reference_run / "dataset", "nathalie")
    assert own == reference.measure_reference(audio, RATE, "nathalie", descriptions["nathalie"])

    judged = dataclasses.replace(JUDGED, speakers=SPEAKERS, voice=str(ships))
    shown["languages_judged"] = judged.run(work("languages_judged"), tmp_path / "judged")
    assert (tmp_path / "judged-dutch-judged.png").is_file()
    entry = Entry("voices", "a voice", "make it")
    results = {
        name: Result(name, json.loads(json.dumps(own, allow_nan=False)) | {"commit": "0" * 40}, entry)
        for name, own in shown.items()
    }
    text = "\n\n".join(section_of_languages(results))
    assert "#### Dutch" in text
    assert "| english | " in text
    assert text.count("| median pitch, Hz | ") == 2
    assert "None" not in text
