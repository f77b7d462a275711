"""Scores of speech that the experiment with Tacotron 2 computes."""

import numpy as np

from babble_jax.tacotron.speech import Speech
from experiments.pipelines.tacotron import cepstral_distortion, score_speech
from experiments.tacotron.tacotron2_festvox import EXPERIMENT
from tests.tacotron import tiny


def test_distortion_is_none_of_the_same_at_another_tempo_and_grows_with_the_difference():
    rng = np.random.default_rng(0)
    true = np.repeat(rng.normal(size=(8, 80)), 3, axis=0)
    assert cepstral_distortion(true, true) == 0
    assert cepstral_distortion(np.repeat(true, 2, axis=0), true) < 1e-6
    louder = cepstral_distortion(true + 1, true)
    assert louder < 1e-6, "level is the cepstrum 0, which does not count"
    little, much = (cepstral_distortion(true + x * rng.normal(size=true.shape), true) for x in (0.1, 1))
    assert 0 < little < 0.3 * much


def test_an_utterance_is_scored_and_the_experiment_is_of_the_size_for_two_cores():
    config = tiny.config()
    speech = Speech(config, np.zeros((4, 80)), np.zeros((4, 33)), np.eye(3)[[0, 2]], True)
    score = score_speech(speech, np.zeros((4, 80)))
    assert score == {"ended": 1.0, "skipped": 1.0, "repeated": 0.0, "cepstral_distortion_db": 0.0}
    assert EXPERIMENT.model.decoder.reduction == 3
