import numpy as np
import pytest

from babble_jax import Knobs, WavVoice, listen, reply
from babble_jax.audio import wave
from babble_jax.errors import BabbleError


def test_blocks_of_any_length_give_the_same_sound_and_events():
    sound = np.random.default_rng(0).uniform(-0.01, 0.01, 24_000).astype(np.float32)
    results = []
    for size in (160, 777, 24_000):
        blocks = list(listen([sound[i : i + size] for i in range(0, 24_000, size)], voice="clicks", seed=4))
        assert [len(block.audio) for block in blocks] == [
            len(sound[i : i + size]) for i in range(0, 24_000, size)
        ]
        events = [event for block in blocks for event in block.events]
        results.append((np.concatenate([block.audio for block in blocks]), events))
    for audio, events in results[1:]:
        np.testing.assert_array_equal(audio, results[0][0])
        assert events == results[0][1]
    assert any(event["event"] == "turn" for event in results[0][1])


@pytest.mark.parametrize(
    "wrong",
    [
        {"timing": "swichboard"},
        {"voice": "nobody"},
        {"voice": "clicks", "speaker": "man"},
        {"voice": 5.0},
        {"voice": "clicks", "seed": -1},
        {"voice": "clicks", "output_delay": 9.0},
        {"voice": "clicks", "knobs": 3},
    ],
)
def test_wrong_arguments_are_refused_before_the_first_block(wrong):
    with pytest.raises(BabbleError):
        listen([], **wrong)


def test_a_block_that_is_no_sound_is_refused():
    with pytest.raises(BabbleError, match="one channel"):
        list(listen([np.zeros((3, 2))], voice="clicks"))


def test_a_recording_gets_a_reply_on_disk(tmp_path):
    wave.write(tmp_path / "user.wav", np.zeros((8000, 1)), 8000)
    tone = np.full(4000, 0.1, np.float32)
    spoken = reply(
        tmp_path / "user.wav",
        voice=WavVoice([tone], [tone[:2000]]),
        seconds=4,
        seed=2,
        knobs=Knobs(patience=0.5),
    )
    assert spoken.audio.shape == (80_000, 2)
    conversation = spoken.conversation
    path = spoken.save(tmp_path / "out")
    np.testing.assert_allclose(wave.read(path, mono=False)[0], spoken.audio, atol=1e-4)
    assert {one.suffix for one in path.parent.iterdir()} == {".wav", ".TextGrid", ".eaf", ".rttm", ".csv"}
    for onset in conversation.onset[conversation.speaker == 1]:
        assert spoken.audio[round(onset * 16_000), 1] != 0
    array = reply(
        np.zeros(8000),
        sample_rate=8000,
        voice=WavVoice([tone], [tone[:2000]]),
        seconds=4,
        seed=2,
        knobs=Knobs(patience=0.5),
    )
    np.testing.assert_array_equal(array.audio, spoken.audio)


@pytest.mark.parametrize("wrong", [np.zeros(0), np.zeros((2, 2)), np.array([np.nan]), "missing.wav"])
def test_recordings_that_are_none_are_refused(wrong):
    with pytest.raises(BabbleError):
        reply(wrong, voice="clicks")
