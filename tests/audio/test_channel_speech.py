"""Speech on the channels of a recording, block by block: the same segments as in one go."""

import tracemalloc

import numpy as np
import soundfile

from babble_jax.audio import channel_speech, resampling, sound_file, vad
from tests import real_speech

RATE = 24_000


def test_blocks_give_the_segments_of_one_go(tmp_path, monkeypatch):
    audio = real_speech.read_utterance("ru_0749")[: 3 * real_speech.RATE]
    noise = 0.001 * np.random.default_rng(0).standard_normal((2, len(audio)))
    both = np.stack([audio, np.roll(audio, 20_000)], axis=1) + noise.T
    both = resampling.resample(both.astype(np.float32), real_speech.RATE, RATE)
    soundfile.write(tmp_path / "a.wav", 20_000 * both, RATE, subtype="FLOAT")  # and on the scale of integers
    monkeypatch.setattr(sound_file, "_BLOCK", 9001)
    file = sound_file.SoundFile(tmp_path / "a.wav")
    survey = channel_speech.survey_channels(file)
    stored, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    expected = resampling.resample(stored, RATE, vad.RATE)
    np.testing.assert_allclose(survey.correlation, np.corrcoef(expected.T), atol=1e-9)
    assert (survey.seconds, survey.frames) == (3.0, -(-48_000 // vad.FRAME))
    assert survey.gain == 2.0**-15
    assert "integers of 16 bits" in survey.notes[0]
    calls: list[int] = []
    segments = channel_speech.detect_channels(file, survey.gain, calls.append)
    assert sum(calls) == 2 * survey.frames
    for i, (onsets, ends) in enumerate(segments):
        assert len(onsets) > 0
        expected_edges = vad.detect_segments(vad.speech_probability(expected[:, i] / 32_768))
        np.testing.assert_array_equal(onsets, expected_edges[0])
        np.testing.assert_array_equal(ends, np.minimum(expected_edges[1], 3.0))


def test_a_constant_channel_correlates_with_none(tmp_path):
    tone = 0.5 * np.sin(np.arange(16_000) / 5)
    soundfile.write(
        tmp_path / "a.wav", np.stack([tone, np.full(16_000, 0.25), -tone, 0 * tone], axis=1), vad.RATE
    )
    correlation = channel_speech.survey_channels(sound_file.SoundFile(tmp_path / "a.wav")).correlation
    expected = np.array([[1, 0, -1, 0], [0, 0, 0, 0], [-1, 0, 1, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(correlation, expected, atol=1e-6)


def test_memory_does_not_grow_with_the_recording(tmp_path, monkeypatch):
    minute = np.random.default_rng(0).integers(-9000, 9000, (60 * 48_000, 2), np.int16)  # 23 MB as floats
    soundfile.write(tmp_path / "a.wav", minute, 48_000)
    del minute
    counts: list[int] = []

    class FakeDetector(vad.SpeechDetector):
        """Hears nothing, in no time."""

        def __init__(self):
            counts.append(0)
            self.number = len(counts) - 1

        def push(self, audio, advance=None):
            counts[self.number] += len(audio)
            return np.zeros(len(audio) // vad.FRAME, np.float32)

        def finish(self, advance=None):
            return np.zeros(0, np.float32)

    monkeypatch.setattr(vad, "SpeechDetector", FakeDetector)
    file = sound_file.SoundFile(tmp_path / "a.wav")
    tracemalloc.start()
    try:
        survey = channel_speech.survey_channels(file)
        channel_speech.detect_channels(file, survey.gain)
        assert tracemalloc.get_traced_memory()[1] < 8e6
    finally:
        tracemalloc.stop()
    assert counts == [60 * vad.RATE] * 2
