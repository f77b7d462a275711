"""Spectrograms against librosa's own, and sound from them."""

import librosa
import numpy as np

from babble_jax.audio import mel_spectrogram as mel
from babble_jax.audio.mel_spectrogram import NVIDIA, MelConfig
from babble_jax.audio.pcm import from_int16


def tone(rate, seconds=0.4):
    time = np.arange(round(rate * seconds)) / rate
    return (0.3 * np.sin(2 * np.pi * 300 * time) + 0.1 * np.sin(2 * np.pi * 1200 * time)).astype(np.float32)


def test_log_mel_is_nvidias_definition():
    audio = tone(22050)
    magnitude = librosa.feature.melspectrogram(
        y=audio, sr=22050, n_fft=1024, hop_length=256, win_length=1024, n_mels=80, fmin=0, fmax=8000,
        power=1, pad_mode="reflect",
    )  # fmt: skip
    np.testing.assert_allclose(
        mel.log_mel(audio, NVIDIA), np.log(np.maximum(magnitude, 1e-5)).T, rtol=1e-4, atol=1e-4
    )


def test_silence_short_recordings_and_normalization():
    config = MelConfig()
    for samples in (0, 1, 159, 160, 700):
        frames = mel.log_mel(np.zeros(samples, np.float32), config)
        assert frames.shape == (1 + samples // 160, 80) == (config.frames(samples), 80)
        np.testing.assert_allclose(frames, np.log(1e-5), rtol=1e-6)
    audio = mel.log_mel(tone(16000), config)
    np.testing.assert_allclose(
        mel.denormalize(mel.normalize(audio, config), config), audio, rtol=1e-5, atol=1e-5
    )
    assert config.hop_seconds == 0.01
    assert mel.log_magnitude(tone(16000), config).shape == (41, 513)


def test_sound_from_a_mel_spectrogram_has_nearly_that_spectrogram():
    config = MelConfig(sample_rate=4000, fourier=256, window=200, hop=40, bands=40, highest=2000)
    frames = mel.log_mel(tone(4000), config)
    magnitude, loud = mel.mel_magnitude(frames, config), frames > frames.max() - 3
    filters = librosa.filters.mel(sr=4000, n_fft=256, n_mels=40, fmax=2000)
    assert np.abs(np.log(magnitude @ filters.T) - frames)[loud].mean() < 0.02
    audio = mel.griffin_lim(magnitude, config, iterations=10)
    assert audio.shape == (40 * (len(frames) - 1),)
    again = mel.log_mel(audio, config)
    assert np.abs(again[loud] - frames[loud])[5:-5].mean() < 0.25


def test_a_part_of_a_recording_has_the_frames_of_the_whole():
    config = MelConfig(sample_rate=4000, fourier=256, window=200, hop=40, bands=40, highest=2000)
    samples = np.random.default_rng(0).integers(-9000, 9000, 4321).astype(np.int16)
    frames = mel.log_mel(from_int16(samples), config)
    for first, stop in ((0, 1), (0, 109), (3, 9), (50, 60), (100, 109), (108, 109)):
        np.testing.assert_array_equal(mel.log_mel_part(samples, config, first, stop), frames[first:stop])
    np.testing.assert_array_equal(
        mel.log_mel_part(samples[:70], config, 1, 2), mel.log_mel(from_int16(samples[:70]), config)[1:]
    )


def test_the_shortest_spectrograms_have_sound():
    config = MelConfig(sample_rate=4000, fourier=256, window=200, hop=40, bands=40, highest=2000)
    for frames in (2, 3, 7, 8):
        magnitude = np.ones((frames, config.bins), np.float32)
        assert mel.griffin_lim(magnitude, config, iterations=2).shape == (40 * (frames - 1),)
