import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.agent.cues.cue import Calibration
from babble_jax.agent.cues.network import (
    BANDS,
    HOP,
    CueNetwork,
    NetworkCue,
    compute_frame,
    initial_frames,
    load_network,
    save_network,
)
from babble_jax.errors import BabbleError
from tests.real_speech import read_utterance


def make_network(units: int = 4, seed: int = 0) -> CueNetwork:
    rng = np.random.default_rng(seed)
    shapes = (BANDS + 1, 3 * units), (units + 1, 3 * units), (units + 1,)
    weights = (0.3 * rng.standard_normal(shape).astype(np.float32) for shape in shapes)
    return CueNetwork(*weights, Calibration(1.5, (0.0, 0.4), (0.1, -0.1)), {"auc": 0.6})


def test_a_cue_answers_in_every_hop_of_a_silence_whatever_the_blocks():
    audio = read_utterance("ru_0325")[:16_000]
    answers = []
    for size in (320, 160, 640):
        cue = NetworkCue(make_network())
        for block in audio.reshape(-1, size):
            cue.push(block)
        assert cue.log_odds(0.0) is None
        assert cue.log_odds(np.inf) is None
        answers.append((cue.log_odds(0.1), cue.log_odds(0.5)))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] - answers[0][1] == pytest.approx(0.2)


def test_after_a_second_of_silence_it_says_what_it_said_then():
    cue = NetworkCue(make_network())
    cue.push(read_utterance("ru_0325")[:16_000])
    answer = cue.log_odds(1.0)
    cue.push(np.zeros(16_000))
    assert cue.log_odds(2.0) == answer


def test_a_snapshot_goes_back():
    audio, cue = read_utterance("ru_0325")[:24_100], NetworkCue(make_network())
    cue.push(audio[:8050])
    state = cue.state
    cue.push(audio[8050:])
    first = cue.log_odds(0.3)
    cue.state = state
    cue.push(audio[8050:])
    assert cue.log_odds(0.3) == first


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 1e30, 0.0, 1.0]), min_size=1, max_size=700))
def test_takes_any_sound(samples):
    cue = NetworkCue(make_network())
    cue.push(np.array(samples))
    assert abs(cue.log_odds(0.1)) <= 3


def test_frames_are_relative_to_the_speakers_level():
    audio, frames = read_utterance("ru_0325")[:16_000].reshape(-1, HOP), []
    for gain in (1.0, 0.1):
        state, rows = initial_frames(), []
        for hop in audio:
            state, frame = compute_frame(state, gain * hop)
            rows.append(frame)
        frames.append(np.array(rows[30:]))
    assert np.all((frames[0] >= -3) & (frames[0] <= 1))
    np.testing.assert_allclose(*frames, atol=0.05)


def test_a_file_gives_the_network_back(tmp_path):
    network, path = make_network(), tmp_path / "cue.safetensors"
    save_network(network, path)
    loaded = load_network(path)
    assert (loaded.calibration, loaded.metrics) == (network.calibration, network.metrics)
    for name in ("input", "hidden", "output"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(network, name))


def test_a_damaged_file_is_a_sentence(tmp_path):
    path = tmp_path / "cue.safetensors"
    save_network(make_network(1), path)
    content, rng = path.read_bytes(), np.random.default_rng(0)
    head = int.from_bytes(content[:8], "little") + 8
    refused = 0
    for i in range(300):
        damaged = bytearray(content)
        if i % 3 == 0:
            damaged = damaged[: rng.integers(len(damaged))]
        else:
            for _ in range(rng.integers(1, 4)):
                damaged[rng.integers(head if i % 3 == 1 else len(damaged))] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            load_network(path)
        except BabbleError as error:
            refused += 1
            message = str(error)
            assert message.startswith(str(path)), message
            assert message.endswith("fit it again."), message
    assert refused > 100
