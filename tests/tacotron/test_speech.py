"""Times and errors that an attention tells."""

import numpy as np

from babble_jax.tacotron.scoring import reading_errors
from babble_jax.tacotron.speech import Speech, collect_speech
from babble_jax.tacotron.synthesizer import Generation
from tests.tacotron import tiny


def rows(path, phones=4):
    return np.eye(phones)[np.asarray(path)] * 0.9 + 0.1 / phones


def test_ends_of_phones_are_where_the_attention_leaves_them():
    config = tiny.config()  # two frames a step, 10 ms each
    speech = Speech(config, np.zeros((12, 5)), np.zeros((12, 33)), rows([0, 0, 1, 3, 3, 3]), True)
    np.testing.assert_allclose(speech.phone_ends(), [0.04, 0.06, 0.06, 0.12])


def test_skipped_phones_and_jumps_back_are_counted():
    assert reading_errors(rows([0, 0, 1, 2, 3])) == (0, 0)
    assert reading_errors(rows([0, 0, 1, 3, 3])) == (1, 0)
    assert reading_errors(rows([0, 1, 2, 1, 2, 3, 0])) == (0, 2)


def test_utterances_are_taken_without_padding():
    config, rng = tiny.config(), np.random.default_rng(0)
    generation = Generation(
        frames=rng.normal(size=(2, 8, 5)).astype(np.float32),
        refined=rng.normal(size=(2, 8, 5)).astype(np.float32),
        lengths=np.array([4, 8]),
        ended=np.array([True, False]),
        attention=rng.random((2, 4, 3)),
    )
    first, second = collect_speech(config, generation, np.array([2, 3]))
    assert first.attention.shape == (2, 2)
    assert second.attention.shape == (4, 3)
    np.testing.assert_allclose(first.mel, generation.refined[0, :4] * 2.5 - 5, rtol=1e-5)
    assert (first.ended, second.ended) == (True, False)
    of_tacotron = tiny.config("tacotron")
    linear = generation._replace(refined=np.zeros((2, 8, 33), np.float32))
    first, _ = collect_speech(of_tacotron, linear, np.array([2, 3]))
    np.testing.assert_allclose(first.mel, generation.frames[0, :4] * 2.5 - 5, rtol=1e-5)
    np.testing.assert_allclose(first.magnitude, np.exp(-6.0), rtol=1e-5)
