"""A voice with mel says what the spectrogram contains: teacher-forced as in steps, at once as in a session."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.audio.emphasis import deemphasize
from babble_jax.audio.mel_spectrogram import log_mel
from babble_jax.errors import BabbleError
from babble_jax.pretrained.copying import copy_synthesis
from babble_jax.pretrained.speaking import speak
from babble_jax.voice.conditioning.mel import MelStream, SampledMel, mel_conditioning
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import Cond
from babble_jax.voice.sampling.native.dispatch import pack_voice, sample_native
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.session import VoiceSession
from tests.voice.unit_voice import build_unit_voice
from tests.voice.vocoder import FRAME, MEL_CONFIG, RATE, build_vocoder

SAMPLES = 400


@pytest.fixture(scope="module")
def voice():
    return build_vocoder()


@pytest.fixture(scope="module")
def audio():
    time = np.arange(SAMPLES) / RATE
    return (0.2 * np.sin(2 * np.pi * 300 * time) * (time > 0.03)).astype(np.float32)


@pytest.mark.slow
def test_teacher_forcing_steps_and_the_native_score_agree(voice, audio):
    config, model = voice.config, voice.config.sample_model
    local = mel_conditioning(config, [SampledMel(audio, MEL_CONFIG)])(0, SAMPLES // FRAME)
    rows = config.rows(local)
    assert rows.shape == (1, SAMPLES // FRAME, 12)
    np.testing.assert_allclose(rows, (local["mel"] + 5) / 2.5, atol=1e-5)
    codes = config.encode(audio[None] * 32767)
    weights = jax.tree.map(jnp.asarray, model.weights(voice.params))
    cond = Cond(local=jnp.asarray(rows))
    start = model.initial_state(weights, 1, cond)
    logits, _ = jax.jit(model.apply)(weights, start, codes, cond)
    expected = model.distribution.log_prob(logits, codes)
    uniform = np.zeros((1, SAMPLES), np.float32)
    trace, _ = sample_native(pack_voice(model, weights), start, uniform, np.asarray(codes), cond)
    np.testing.assert_allclose(trace.log_prob, expected, atol=1e-4)
    step, state = jax.jit(lambda state, n: model.predict(weights, state, cond.at(n))), start
    for t in range(3 * FRAME):
        one, state = step(state, t // FRAME)
        np.testing.assert_allclose(one[0], logits[0, t], atol=1e-4)
        state = model.push(state, codes[:, t])


def test_a_session_gives_what_copy_synthesis_gives(voice, audio):
    at_once = copy_synthesis(audio, RATE, voice, seed=3)
    assert at_once.shape == (SAMPLES,)
    frames = log_mel(audio, MEL_CONFIG)
    session, stream, blocks = VoiceSession(voice, stream_keys(3, 1)), MelStream.start(voice.config), []
    for n, frame in enumerate(frames):
        stream = stream.push(frame, ended=n == len(frames) - 1)
        samples = min(stream.samples, SAMPLES) - sum(map(len, blocks))
        first, count = session.next_frames(samples)
        blocks.append(session.step(mel_conditioning(voice.config, [stream])(first, count), samples)[0])
        stream = stream.drop(session.next_frames(FRAME)[0])
    np.testing.assert_array_equal(np.concatenate(blocks), at_once)


def test_a_vocoder_with_pre_emphasis_speaks_it_away(voice, audio):
    """The same codes, since the model is the same; the sound is theirs after the inverse filter, in any blocks."""
    emphasized = dataclasses.replace(voice, config=dataclasses.replace(voice.config, emphasis=0.85))
    plain = copy_synthesis(audio, RATE, voice, seed=3)
    np.testing.assert_allclose(
        copy_synthesis(audio, RATE, emphasized, seed=3), deemphasize(plain, 0.85), atol=1e-5
    )


def test_active_beside_mel_gates_the_sound(voice):
    session = VoiceSession(voice, stream_keys(3, 1))
    assert session.channels == ("mel", "active")
    mel = np.full((1, 100, 12), -3.0)
    assert np.abs(session.step({"mel": mel[:, :50], "active": 1}, 400)[0, 100:]).max() > 0
    stopped = session.step({"mel": mel, "active": 0}, 800)
    assert np.all(stopped[0, 400:] == 0)
    with pytest.raises(BabbleError, match="also takes the channel mel; push it"):
        session.step({"active": 1}, 8)
    with pytest.raises(BabbleError, match=r"\(1, 1, 12\): streams, top frames and bands"):
        session.step({"mel": np.zeros(3)}, 8)


def test_who_is_no_vocoder_or_is_one_is_told_so(voice, audio):
    with pytest.raises(BabbleError, match="is a vocoder and says what a mel spectrogram contains"):
        speak(voice, 0.1)
    with pytest.raises(BabbleError, match="is no vocoder; train one with mel"):
        copy_synthesis(audio, RATE, build_unit_voice())
    for wrong in (np.zeros(0), np.zeros((2, 3)), np.full(9, np.nan), np.zeros(9, int)):
        with pytest.raises(BabbleError, match="of finite float amplitudes"):
            copy_synthesis(wrong, RATE, voice)
    with pytest.raises(BabbleError, match="a positive rate, not 0 Hz"):
        copy_synthesis(audio, 0, voice)
    with pytest.raises(ValueError, match="mel is of 4000 Hz and the voice of 16000 Hz"):
        VoiceConfig(mel=MEL_CONFIG)
