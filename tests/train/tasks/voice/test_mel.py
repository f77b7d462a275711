"""A vocoder's batches hold the mel spectrogram of their recordings, and training makes a voice that says it again."""

import numpy as np
import pytest

from babble_jax.audio.mel_spectrogram import LOWEST, log_mel, mel_config
from babble_jax.audio.pcm import from_int16
from babble_jax.dataset.source import open_dataset
from babble_jax.dataset.tbptt import StreamingBatches
from babble_jax.errors import BabbleError
from babble_jax.pretrained.copying import copy_synthesis
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.pretrained.speaking import speak
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.voice.conditioning import batch_conditioning
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.training import train_voice
from tests.small_run import small

RATE, FRAME = 4000, 8


def batches(tones, start=0, count=4, **options):
    """The features of some batches from step `start` on, and the recordings they were made of."""
    task, recordings = small(tones, mel=True), open_dataset(tones, "train")
    local = batch_conditioning(task.config, task.voice, recordings, None)
    iterator = iter(StreamingBatches(recordings, 2, 64, 0, local=local, **options))
    iterator.set_state(iterator.get_state() | {"step": start})
    return [next(iterator) for _ in range(count)]


def test_batches_hold_the_mel_of_their_recordings(tones):
    task, recordings = small(tones, mel=True), open_dataset(tones, "train")
    mel = mel_config(RATE)
    assert task.voice.mel == mel
    assert task.voice.channels == ("mel",)
    rows, batch = batches(tones, count=1)[0]["local"], batches(tones, count=1)[0]
    assert rows.shape == (2, 64 // FRAME, mel.bands)
    for b in range(2):
        (number,) = [
            i for i in range(len(recordings)) if np.array_equal(recordings.read(i)[:64], batch["pcm"][b])
        ]
        frames = (log_mel(from_int16(recordings.read(number)), mel) - mel.center) / mel.spread
        middles = (np.arange(64 // FRAME) + 0.5) * FRAME / RATE
        expected = np.stack([np.interp(middles, np.arange(len(frames)) / 100, band) for band in frames.T], 1)
        np.testing.assert_allclose(rows[b], expected, atol=1e-4)


@pytest.mark.parametrize("options", [{}, {"segment_shuffle": 1.0}])
def test_a_run_that_goes_on_has_the_same_to_the_bit(tones, options):
    straight, later = batches(tones, 0, 12, **options), batches(tones, 5, 7, **options)
    for ours, expected in zip(later, straight[5:], strict=True):
        np.testing.assert_array_equal(ours["local"], expected["local"])


def test_silence_between_shuffled_segments_is_silent(tones):
    mel = mel_config(RATE)
    silence = (LOWEST - mel.center) / mel.spread
    rows = np.concatenate([batch["local"] for batch in batches(tones, 0, 40, segment_shuffle=1.0)], axis=1)
    assert np.any(np.all(np.isclose(rows, silence, atol=1e-5), axis=-1))


def test_settings_go_with_the_rate():
    assert (mel_config(16_000).hop, mel_config(16_000).window, mel_config(16_000).fourier) == (160, 800, 1024)
    assert (mel_config(22_050).hop, mel_config(22_050).window, mel_config(22_050).highest) == (
        256,
        1024,
        8000,
    )
    assert mel_config(8000).highest == 4000
    with pytest.raises(ValueError, match="takes no activity and no units"):
        VoiceTrainConfig(mel=True, by_activity=True)


@pytest.mark.slow
@pytest.mark.parametrize("mixture", [0, 3])
def test_training_makes_a_vocoder(tones, tmp_path, mixture):
    options = {
        name: getattr(small().config, name) for name in ("model", "quantizer", "optimizer", "batch_size")
    }
    log = LogConfig(evaluate_every=10, evaluate_recordings=4, audio_seconds=1.1)
    report = train_voice(
        str(tones), tmp_path / "run", 20, log=log, subsequence=64, mel=True, mixture=mixture, **options
    )
    voice = load_voice(report.voice)
    assert voice.config.mel == mel_config(RATE)
    audio = 0.1 * np.sin(np.arange(4000, dtype=np.float32))
    sound = copy_synthesis(audio, 8000, voice, seed=1)
    assert sound.shape == (2000,)
    assert np.std(sound) > 0
    with pytest.raises(BabbleError, match="is a vocoder"):
        speak(report.voice, 0.1)
