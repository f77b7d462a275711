"""The scores of a vocoder: distances of spectra, and the experiment as a whole on a few short recordings."""

import dataclasses
import sys
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.audio.pcm import to_int16
from babble_jax.dataset.labelled.reading import read_labelled
from babble_jax.dataset.source import Recordings
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer, save_synthesizer
from babble_jax.tacotron.config import InputConfig, SynthesisConfig
from babble_jax.tacotron.synthesizer import Synthesizer
from babble_jax.train.config import OptimizerConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.pipelines import copies, listening
from experiments.pipelines.copies import spectral_distances
from experiments.pipelines.parts import Part
from experiments.report.catalogue import Entry
from experiments.report.results import Result, read
from experiments.report.vocoders import page_of_vocoders
from experiments.tacotron.listening_quality import EXPERIMENT as LISTENING
from experiments.tacotron.vocoder_festvox import EXPERIMENT
from experiments.tacotron.vocoder_predicted_festvox import EXPERIMENT as PREDICTED
from experiments.tacotron.vocoder_wavenet_festvox import EXPERIMENT as WAVENET
from tests.dataset.labelled.folders import festival
from tests.tacotron import tiny

MEL = MelConfig()


def speech(seed=0):
    """Noise in bursts, with silence between."""
    draws = np.random.default_rng(seed)
    return (0.1 * draws.normal(size=16_000) * (np.arange(16_000) % 4000 < 2500)).astype(np.float32)


def test_a_copy_at_half_the_amplitude_lies_6_db_below():
    values = spectral_distances(speech(), speech() / 2, MEL)
    for name, value in values.items():
        assert value == pytest.approx(-6.02 if name.startswith("bias") else 6.02, abs=0.1), name
    same = spectral_distances(speech(), speech(), MEL)
    assert all(value == pytest.approx(0, abs=1e-6) for value in same.values())
    # Other noise of the same spectrum has no bias, and the distance of two random spectra.
    other = spectral_distances(speech(), speech(1), MEL)
    assert abs(other["bias_1000"]) < 1
    assert other["log_spectral_distance"] > 6


def test_phones_are_those_of_the_labels_within_the_recording_and_errors_those_beside_them(
    tmp_path, monkeypatch
):
    sources = read_labelled(festival(tmp_path / "voice", count=2), "phones").labelled
    samples = [to_int16(wave.read(one.path, 16_000)[0]) for one in sources]
    parts = [samples[0][:8000], samples[1]]  # the first half second, and all
    test = Recordings(
        lengths=np.array([len(one) for one in parts]),
        speakers=np.zeros(2, np.int32),
        speaker_names=("one",),
        sample_rate=16_000,
        gain=1.0,
        read_samples=parts.__getitem__,
    )
    strings = copies.labelled_strings(test, sources)
    assert strings == [["a", "n"], ["a", "n", "a"]]
    symbols = {8000: ("pau", "a"), 16_000: ("a", "n", "a", "pau")}
    monkeypatch.setattr(
        copies, "hear", lambda audio, rate, ear, match_spectrum: SimpleNamespace(symbols=symbols[len(audio)])
    )
    copied = {"recording": [np.zeros(16_000)] * 2, "voice": [np.zeros(8000)] * 2}
    scores = copies.score_phones(copied, strings, 16_000, None)["unfolded"]  # pyright: ignore[reportArgumentType]
    assert scores["recording"]["rate"] == pytest.approx(1 / 5)  # an "a" too many in the first
    assert scores["voice"]["rate"] == pytest.approx(3 / 5)
    assert scores["voice"]["above_recording"]["rate"] == pytest.approx(2 / 5)


def test_what_a_training_cannot_do_is_said_before_it(tmp_path):
    for experiment, message in (
        (PREDICTED, "name its folder by --synthesizer"),
        (dataclasses.replace(EXPERIMENT, synthesizer="model"), "leave out --synthesizer"),
        (
            dataclasses.replace(EXPERIMENT, first="last"),
            "There is no part 'last'; the parts: training, falling",
        ),
    ):
        with pytest.raises(BabbleError, match=message):
            experiment.run(tmp_path, tmp_path / "results")


def test_what_speaks_is_heard_by_the_predictor(tmp_path, monkeypatch):
    pieces = [np.tile(speech(number), 10) for number in range(2)]
    rng = np.random.default_rng(0)
    monkeypatch.setattr(listening, "speak", lambda voice, seconds, **options: 0.08 * rng.normal(size=160_000))
    experiment = dataclasses.replace(LISTENING, pieces=2, iterations=1)
    monkeypatch.setattr(listening, "load_predictor", lambda: lambda audio: {"quality": float(np.std(audio))})
    monkeypatch.setattr(listening.ListeningExperiment, "_recordings", lambda self, work: pieces)
    quality = experiment.run(tmp_path, tmp_path / "results")["quality"]
    assert list(quality) == [
        "recording",
        "mu_law_copy",
        "griffin_lim",
        "voice babblers woman",
        "voice babblers man",
        "noise",
    ]
    levels = [one["quality"]["mean"] for one in quality.values()]
    np.testing.assert_allclose(levels, levels[0], rtol=0.2)
    assert len(list((tmp_path / "sounds").glob("*.wav"))) == 12
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "speechmos", None)
    with pytest.raises(BabbleError, match=r"is not installed .*; pip install -e '\.\[bench\]'"):
        listening.load_predictor()


def test_the_page_shows_what_there_is():
    rates = {
        "rate": 0.1,
        "low": 0.08,
        "high": 0.12,
        "above_recording": {"rate": 0.0, "low": 0.0, "high": 0.0},
    }
    row = {"mean": 5.0, "standard_error": 0.1}
    names = ("log_spectral_distance", "mel_distance", *(f"bias_{hertz}" for hertz in (0, 1000, 3000, 5000)))
    values = {
        "parts": {"training": 3},
        "test_bits": 3.0,
        "test_recordings": 24,
        "test_minutes": 4.0,
        "bytes": 1_600_000,
        "samples_per_second": {"native": 80_000.0, "int8": 160_000.0},
        "distances": {name: dict.fromkeys(names, row) for name in ("voice", "griffin_lim", "quantized")},
        "phone_errors": {
            reading: dict.fromkeys(("recording", "voice", "griffin_lim"), rates)
            for reading in ("unfolded", "stress_and_softness")
        },
    }
    scales = dict.fromkeys(("quality", "signal", "background", "overall"), row)
    quality = {"pieces": 6, "seconds": 10.0, "quality": {"recording": scales, "voice babblers man": scales}}
    entry = Entry("vocoders", "a vocoder", "make it")
    shipped = read()
    judged = {"judged": {"voice": shipped["babblers_judged"].values["judged"]["man"]}}
    results = (("vocoder_festvox", values), ("listening_quality", quality), ("second_voice_judged", judged))
    text = page_of_vocoders(
        {name: Result(name, own, entry) for name, own in results}
        | {"speech_reference": shipped["speech_reference"]}
    )
    assert "## Speech-likeness of the voice that speaks phones" in text
    assert "| median pitch, Hz | " in text
    assert "| recording | 0 | 0 | 0 | 0 | 0 | 0 | 10.0 % (8.0 to 12.0) | 10.0 % (8.0 to 12.0) |" in text
    assert "| vocoder, from true mel | 5.00 ± 0.10 |" in text
    assert "| voice babblers man | 5.00 ± 0.10 |" in text
    assert "WaveNet" not in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["samplernn", "wavenet", "predicted"])
def test_the_experiment_trains_in_parts_and_scores(kind, tmp_path):
    folder = tmp_path / "voice"
    (folder / "wav").mkdir(parents=True)
    for number in range(12):
        wave.write(folder / "wav" / f"{number}.wav", speech(number), 16_000)
    optimizer = OptimizerConfig(learning_rate=1e-3)
    own = {"samplernn": EXPERIMENT, "wavenet": WAVENET, "predicted": PREDICTED}[kind]
    copied = {"voice", "griffin_lim", "quantized"}
    if kind == "predicted":
        folder = festival(tmp_path / "labelled", count=12)
        synthesis = SynthesisConfig(InputConfig(("pau", "a", "n")), tiny.TACOTRON2, MEL)
        params = jax.jit(Synthesizer(synthesis).init)(jax.random.key(0))
        save_synthesizer(PretrainedSynthesizer(synthesis, params, {}), tmp_path / "model")
        own = dataclasses.replace(own, synthesizer=str(tmp_path / "model"))
        copied |= {"voice_predicted", "griffin_lim_predicted"}
    shape = (
        SampleRNNConfig(frame_sizes=(64, 16), dim=8, embedding=4, hidden=1, expand_top=True, reset="after")
        if kind != "wavenet"
        else dataclasses.replace(WAVENET.model, stacks=1, layers=3, channels=8, skip=8)
    )
    experiment = dataclasses.replace(
        own,
        model=shape,
        batch_size=4,
        parts={name: Part(2, optimizer, 256, 1.0) for name in ("first", "second")},
        folder=str(folder),
        iterations=2,
        ear="",
    )
    (tmp_path / "work").mkdir()
    values = experiment.run(tmp_path / "work", tmp_path / "results")
    voice = load_voice(tmp_path / "work" / "voice")
    assert voice.card["steps"] == 4
    assert "permissive" in voice.card["licence"]
    assert values["parts"] == {"first": 2, "second": 2}
    assert set(values["distances"]) == copied
    if kind != "predicted":  # whose recordings are a tone, over noise below that of the quantizer
        assert values["distances"]["quantized"]["mel_distance"]["mean"] < 3
    assert all(speed > 0 for speed in values["samples_per_second"].values())
    assert (tmp_path / "results-voice.wav").is_file()
    assert (tmp_path / "results-griffin_lim.png").is_file()
