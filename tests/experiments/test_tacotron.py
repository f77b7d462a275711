"""Scores of speech that the experiments with Tacotron compute, and what the page says of them."""

import dataclasses
import json
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.dataset.labelled.reading import read_labelled
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer
from babble_jax.tacotron.config import F0, LEVEL, LOG_DURATION, PROSODY, InputConfig, SynthesisConfig
from babble_jax.tacotron.measured_prosody import measure_contours
from babble_jax.tacotron.synthesizer import Prediction, Synthesizer
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.tacotron.pieces import Piece, cut_recording
from babble_jax.train.tasks.tacotron.sounds import Sounds, measure_recordings
from experiments.pipelines import synthesis_reading
from experiments.pipelines import synthesis_scores as scores
from experiments.report.catalogue import PLANNED
from experiments.report.results import Result
from experiments.report.synthesis import section_on_tacotron
from experiments.tacotron.tacotron2_festvox import EXPERIMENT as TACOTRON2
from experiments.tacotron.tacotron_festvox import EXPERIMENT as TACOTRON
from tests.dataset.labelled.folders import festival
from tests.small_ear import write_ear
from tests.tacotron import tiny

SYMBOLS = ("pau", "a", "n")


def test_distortion_is_none_of_the_same_at_another_tempo_and_grows_with_the_difference():
    rng = np.random.default_rng(0)
    true = np.repeat(rng.normal(size=(8, 80)), 3, axis=0)
    assert scores.align_spectra(true, true).distortion == 0
    distortion, path = scores.align_spectra(np.repeat(true, 2, axis=0), true)
    assert distortion < 1e-6
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [47, 23]
    assert (np.diff(path, axis=0) >= 0).all()
    louder = scores.align_spectra(true + 1, true).distortion
    assert louder < 1e-6, "level is the cepstrum 0, which does not count"
    little, much = (
        scores.align_spectra(true + x * rng.normal(size=true.shape), true).distortion for x in (0.1, 1)
    )
    assert 0 < little < 0.3 * much


def test_pitch_is_compared_where_both_are_voiced():
    nan = np.nan
    error, voicing = scores.pitch_error(np.array([100, 200, nan, nan]), np.array([200, 200, 100, nan]))
    assert error == pytest.approx(12 / np.sqrt(2))
    assert voicing == 0.25
    assert np.isnan(scores.pitch_error(np.array([nan]), np.array([100.0]))[0])


def test_prosody_is_compared_in_the_units_of_the_channel():
    target = np.log([0.1, 0.2, 0.4])
    row = scores.compare_prosody(LOG_DURATION, target, 0.5 * target)
    assert (row["correlation"], row["slope"]) == (pytest.approx(1), pytest.approx(0.5))
    assert row["median_error_ms"] == pytest.approx(1000 * (np.sqrt(0.4) - 0.4))
    pitch = scores.compare_prosody(F0, np.array([0.0, 0.5, -0.5, 0.2]), np.array([0.3, 0.6, -0.6, 0.0]))
    assert (pitch["phones"], pitch["slope"]) == (2, pytest.approx(1.2))
    assert pitch["median_error_semitones"] == pytest.approx(1.2)
    level = scores.compare_prosody(LEVEL, np.array([0.1, -0.1]), np.array([0.3, -0.3]))
    assert level["median_error_dB"] == pytest.approx(2)
    assert scores.compare_prosody(F0, np.zeros(3), np.ones(3)) == {"phones": 0}
    assert scores.compare_prosody(LEVEL, np.arange(3.0), np.ones(3)) == {"phones": 3}


def test_pieces_are_joined_up_to_a_length_and_share_the_silence_between_them():
    inputs = InputConfig(SYMBOLS, (LOG_DURATION, F0))
    prosody = np.log(np.array([[0.2, 1], [0.1, 1], [0.3, 1]])).astype(np.float32)
    quiet = Piece(0, 0, 60, np.array([0, 1, 0], np.int32), np.array([20.0, 30, 60]), prosody)
    open_end = Piece(1, 0, 40, np.array([1, 2], np.int32), None, prosody[:2])
    joined = synthesis_reading.join_pieces(inputs, [quiet, quiet, open_end], 0, 120)
    assert (joined.frames, joined.phones.tolist(), joined.ends) == (120, [0, 1, 0, 1, 0], None)
    assert joined.prosody is not None
    np.testing.assert_allclose(np.exp(joined.prosody[:, 0]), [0.2, 0.1, 0.5, 0.1, 0.3], rtol=1e-6)
    around = synthesis_reading.join_pieces(inputs, [quiet, quiet, open_end], 2, 100)
    assert around.phones.tolist() == [1, 2, 0, 1, 0]
    assert synthesis_reading.join_pieces(inputs, [quiet, open_end], 0, 1) is quiet


def test_the_ends_of_phones_are_those_of_the_attention():
    """Attention that stays for 4, 2 and 4 steps of two frames of 10 ms, beside labels that end 20 and 60 ms later."""
    attention = np.repeat(np.eye(3, dtype=np.float32), (4, 2, 4), axis=0)[None]
    model = SimpleNamespace(
        config=tiny.config(),
        params={},
        model=SimpleNamespace(reduction=2, apply=lambda *inputs: Prediction(None, None, None, attention)),
        inputs=lambda phones, prosody: None,
    )
    piece = Piece(0, 0, 20, np.array([0, 1, 2], np.int32), np.array([10, 18, 20], np.float32))
    mels = {"recording": np.zeros((20, 5), np.float32)}
    ends = scores.score_ends(model, [scores.Rendition(piece, ["a", "b", "c"], mels, {}, {})])
    assert ends == {"median_ms": pytest.approx(40), "within_50_ms": 0.5}
    untimed = dataclasses.replace(piece, ends=None)
    assert scores.score_ends(model, [scores.Rendition(untimed, [], mels, {}, {})]) is None


def test_held_out_pieces_are_scored_and_shown(tmp_path):
    labelled = read_labelled(festival(tmp_path / "voice", count=3), "phones").labelled
    config = SynthesisConfig(InputConfig(SYMBOLS, PROSODY), tiny.TACOTRON2, MelConfig())
    shapes = jax.eval_shape(Synthesizer(config).init, jax.random.key(0))
    rng = np.random.default_rng(0)
    params = jax.tree.map(lambda x: rng.normal(0, 0.3, x.shape).astype(np.float32), shapes)
    model = PretrainedSynthesizer(config, params)
    contours = [measure_contours(*wave.read(one.path, 16_000)) for one in labelled]
    prosody = measure_recordings(labelled, contours, [0] * 3)
    pieces = [
        piece for i, one in enumerate(labelled) for piece in cut_recording(i, one, config, 6.0, prosody[i])
    ]
    sounds = Sounds(labelled, config.mel)
    samples = wave.read(labelled[0].path, 16_000)[0]
    part = dataclasses.replace(pieces[0], first=20, frames=30)
    np.testing.assert_array_equal(sounds.audio(part), samples[3200:8000])
    ear = load_ear(str(write_ear(tmp_path / "ear", symbols=SYMBOLS)))
    test = scores.score_pieces(model, pieces, sounds, ear, tmp_path / "result")
    assert test["spectra"].keys() == {"copy", "with_prosody", "phones_alone", "mean_frame"}
    assert (
        test["spectra"]["copy"]["cepstral_distortion_db"]
        < test["spectra"]["with_prosody"]["cepstral_distortion_db"]
    )
    assert test["spectra"]["mean_frame"]["length"] == 1
    assert test["pitch"].keys() == {"copy", "with_prosody", "phones_alone", "median"}
    assert test["pitch"]["copy"]["error_semitones"] < 1
    assert test["phone_errors"]["unfolded"].keys() == {"recording", "copy", "with_prosody", "phones_alone"}
    assert test["prosody"]["recording"].keys() == {*PROSODY}
    assert test["ends"].keys() == {"median_ms", "within_50_ms"}
    reading = synthesis_reading.score_reading(model, pieces, 2.0, (1, 2), 2)
    assert reading["1"]["mean_seconds"] < reading["2"]["mean_seconds"] <= 4.0
    assert reading["2"]["sentences"] == 2
    assert {path.name for path in tmp_path.glob("result*")} == {
        "result-attentions.png", *(f"result-{way}.wav" for way in ("recording", "copy", "with_prosody", "phones_alone"))
    }  # fmt: skip
    values = {"parameters": 1, "bytes": 1, "updates": 2, "minutes_of_training_speech": 1.0, "passes": 1.0}
    entry = PLANNED["tacotron2_festvox"]
    values = json.loads(json.dumps(values | {"test": test, "reading": reading, "commit": "0" * 40}))
    text = "\n\n".join(section_on_tacotron(Result("tacotron2_festvox", values, entry), "Tacotron 2"))
    assert "| Griffin-Lim, from true mel | " in text
    assert "### Prosody that is asked for" in text
    assert "None" not in text
    assert text.count("Source: `tacotron2_festvox`") == 3
    assert section_on_tacotron(None, "Tacotron 2") == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tacotron", "tacotron2"])
def test_the_experiment_trains_and_scores(kind, tmp_path):
    original = {"tacotron": TACOTRON, "tacotron2": TACOTRON2}[kind]
    assert original.model.decoder.reduction == 3
    experiment = dataclasses.replace(
        original,
        model=tiny.MODELS[kind],
        optimizer=OptimizerConfig(learning_rate=1e-3),
        steps=2,
        batch_size=4,
        ear=str(write_ear(tmp_path / "ear", symbols=SYMBOLS)),
        times=(1, 2),
        most_sentences=2,
        folder=str(festival(tmp_path / "voice", count=24)),
    )
    (tmp_path / "work").mkdir()
    values = experiment.run(tmp_path / "work", tmp_path / "result")
    assert values["updates"] == 2
    assert values["test"]["pieces"] >= 1
    assert values["reading"].keys() == {"1", "2"}
    assert (tmp_path / "work" / "synthesizer" / "synthesizer.json").is_file()
