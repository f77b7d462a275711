"""The scores of a vocoder: distances of spectra, and the experiment as a whole on a few short recordings."""

import dataclasses

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.train.config import OptimizerConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.pipelines.babbler import Part
from experiments.pipelines.vocoder import spectral_distances
from experiments.tacotron.vocoder_festvox import EXPERIMENT

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


@pytest.mark.slow
def test_the_experiment_trains_in_parts_and_scores(tmp_path):
    folder = tmp_path / "voice" / "wav"
    folder.mkdir(parents=True)
    for number in range(12):
        wave.write(folder / f"{number}.wav", speech(number), 16_000)
    optimizer = OptimizerConfig(learning_rate=1e-3)
    experiment = dataclasses.replace(
        EXPERIMENT,
        model=SampleRNNConfig(
            frame_sizes=(64, 16), dim=8, embedding=4, hidden=1, expand_top=True, reset="after"
        ),
        batch_size=4,
        parts={name: Part(2, optimizer, 256, 1.0) for name in ("first", "second")},
        folder=str(tmp_path / "voice"),
        iterations=2,
    )
    (tmp_path / "work").mkdir()
    values = experiment.run(tmp_path / "work", tmp_path / "results")
    voice = load_voice(tmp_path / "work" / "voice")
    assert voice.card["steps"] == 4
    assert "permissive" in voice.card["licence"]
    assert values["parts"] == {"first": 2, "second": 2}
    assert set(values["distances"]) == {"voice", "griffin_lim", "quantized"}
    assert values["distances"]["quantized"]["mel_distance"]["mean"] < 3
    assert (tmp_path / "results-voice.wav").is_file()
    assert (tmp_path / "results-griffin_lim.png").is_file()
