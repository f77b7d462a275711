"""Babble of a pretrained voice, from its name and a number of seconds."""

import jax
import numpy as np
import pytest
import soundfile

from babble_jax.audio.quantize import Quantizer
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice, save_voice
from babble_jax.pretrained.speaking import speak, speak_blocks, speak_streams
from babble_jax.voice.conditioning.prosody import Prosody
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig

RATE = 4000


@pytest.fixture(scope="module")
def voice() -> PretrainedVoice:
    model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1, expand_top=True)
    config = VoiceConfig(model, Quantizer("mu_law", 16), RATE, 2.0, ("ann", "ben"))
    return PretrainedVoice(config, config.sample_model.init(jax.random.key(0)), card={"steps": 0})


def test_a_stream_has_its_length_and_depends_on_seed_and_speaker(voice):
    audio = speak(voice, 0.1)
    assert audio.shape == (400,)
    assert audio.dtype == np.float32
    assert np.abs(audio).max() <= 1
    np.testing.assert_array_equal(audio, speak(voice, 0.1, speaker="ann", seed=0))
    assert not np.array_equal(audio, speak(voice, 0.1, seed=1))
    assert not np.array_equal(audio, speak(voice, 0.1, speaker="ben"))


def test_a_voice_without_units_is_given_level_alone(voice):
    softer = speak(voice, 0.1, prosody=Prosody(level=-20))
    np.testing.assert_allclose(softer, 0.1 * speak(voice, 0.1), rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(
        np.concatenate([*speak_blocks(voice, 0.1, 0.03, prosody=Prosody(level=-20))]), softer
    )
    with pytest.raises(BabbleError, match="nothing conditions it on pitch"):
        speak(voice, 0.1, prosody=Prosody(pitch=1))


def test_a_folder_is_the_voice_in_it(voice, tmp_path):
    save_voice(voice, tmp_path / "voice")
    np.testing.assert_array_equal(speak(tmp_path / "voice", 0.1), speak(voice, 0.1))


def test_blocks_are_the_stream_in_parts(voice):
    blocks = list(speak_blocks(voice, 0.1, 0.03, speaker="ben", seed=3))
    assert len(blocks) > 2
    np.testing.assert_array_equal(np.concatenate(blocks), speak(voice, 0.1, speaker="ben", seed=3))


def test_several_streams_differ_and_are_counted(voice):
    counts = []
    audio = speak_streams(voice, 0.1, 3, advance=counts.append)
    assert audio.shape == (3, 400)
    assert sum(counts) == audio.size
    assert len({row.tobytes() for row in audio}) == 3


def test_a_prompt_is_an_array_or_a_file_and_no_part_of_the_babble(voice, tmp_path):
    prompt = (0.3 * np.sin(np.arange(801) / 5)).astype(np.float32)
    soundfile.write(tmp_path / "prompt.wav", prompt, RATE, subtype="FLOAT")
    audio = speak(voice, 0.1, prompt=prompt)
    assert audio.shape == (400,)
    assert not np.array_equal(audio, speak(voice, 0.1))
    np.testing.assert_array_equal(audio, speak(voice, 0.1, prompt=tmp_path / "prompt.wav"))


def test_what_cannot_be_is_said(voice):
    with pytest.raises(BabbleError, match="not carl"):
        speak(voice, 0.1, speaker="carl")
    with pytest.raises(BabbleError, match="there is no voice here"):
        speak("nowhere", 0.1)
    with pytest.raises(BabbleError, match="cannot be written"):
        speak(voice, -1.0)
    with pytest.raises(BabbleError, match="temperature"):
        speak(voice, 0.1, temperature=-1.0)
