"""The judging of a voice of either kind: how many of its samples lie within the ranges of real speech."""

from types import SimpleNamespace

import numpy as np

from babble_jax.judge.judgement import MEASURES
from experiments.pipelines import judging
from experiments.voice.second_voice_judged import EXPERIMENT


def test_samples_of_a_voice_are_counted_and_drawn(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    calls = []

    def speak(voice, seconds, count, *, speaker, seed):
        calls.append((seconds, count, speaker, seed))
        return 0.05 * rng.normal(size=(count, 16_000)).astype(np.float32)

    voice = SimpleNamespace(config=SimpleNamespace(sample_rate=16_000))
    monkeypatch.setattr(judging, "load_any_voice", lambda name: voice)
    monkeypatch.setattr(judging, "speak_streams", speak)
    (judged,) = EXPERIMENT.run(tmp_path, tmp_path / "noise")["judged"].values()
    assert calls == [(10.0, 6, None, 0), (10.0, 32, None, 1)]
    assert judged["within"].keys() == {*MEASURES}
    assert (judged["within"]["voiced_share"], judged["share_within"]["voiced_share"]) == (0, 0.0)
    assert len(judged["samples"]) == 6
    assert {path.name for path in tmp_path.iterdir()} == {"noise-voice-judged.png", "noise-voice.png"}
