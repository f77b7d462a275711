import numpy as np

from babble_jax.audio import silero, vad
from tests.real_speech import read_utterance

# Of the authors' ONNX file of version 6.2 on the first 40 blocks of `ru_0325` of the excerpt.
ONNX = [
    0.01211,
    0.05805,
    0.92009,
    0.98087,
    0.99768,
    0.99981,
    0.99922,
    0.99912,
    0.99946,
    0.99993,
    0.99992,
    0.99998,
    0.99999,
    0.99999,
    0.99999,
    0.99999,
    0.99996,
    0.99988,
    0.99977,
    0.99939,
    0.99237,
    0.85882,
    0.99925,
    0.99997,
    0.99997,
    0.99999,
    0.99999,
    0.99997,
    0.99999,
    0.99997,
    0.99998,
    0.99999,
    0.99999,
    0.99999,
    0.99999,
    0.99996,
    0.99996,
    0.99998,
    0.99999,
    0.99999,
]


def detect(audio: np.ndarray, state: silero.SileroState | None = None) -> np.ndarray:
    state = silero.initial_state() if state is None else state
    probability = []
    for block in audio[: len(audio) // silero.BLOCK * silero.BLOCK].reshape(-1, silero.BLOCK):
        state, p = silero.step(state, block)
        probability.append(p)
    return np.array(probability)


def test_gives_the_probabilities_of_the_package():
    # The package's own port rounds, and is up to 0.2 apart within a block of an edge; the authors' file is not (below).
    audio = read_utterance("ru_0325")
    ours, theirs = detect(audio), vad.speech_probability(audio)[: len(audio) // silero.BLOCK]
    assert np.median(np.abs(ours - theirs)) < 1e-3
    assert np.mean((ours > 0.5) == (theirs > 0.5)) > 0.98


def test_gives_the_probabilities_of_the_authors_file():
    audio = read_utterance("ru_0325")
    np.testing.assert_allclose(detect(audio)[: len(ONNX)], ONNX, atol=2e-3)


def test_a_state_is_a_value():
    audio = read_utterance("ru_0449")[: 30 * silero.BLOCK]
    state = silero.initial_state()
    for block in audio[: 10 * silero.BLOCK].reshape(-1, silero.BLOCK):
        state, _ = silero.step(state, block)
    first = detect(audio[10 * silero.BLOCK :], state)
    np.testing.assert_array_equal(detect(audio[10 * silero.BLOCK :], state), first)
    np.testing.assert_array_equal(detect(audio)[10:], first)


def test_silence_noise_and_full_scale_are_no_speech():
    rng = np.random.default_rng(0)
    for audio in (np.zeros(8192), 0.1 * rng.standard_normal(8192), np.ones(8192)):
        probability = detect(audio.astype(np.float32))
        assert np.all((probability >= 0) & (probability < 0.5))
