"""A toy of speech that a small model learns in a minute: each phone is a spectrum of its own, for 2 to 4 frames."""

import dataclasses

import jax
import numpy as np
import optax
import pytest

from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.tacotron.config import DecoderConfig, InputConfig, SynthesisConfig, Tacotron2Config
from babble_jax.tacotron.speech import collect_speech
from babble_jax.tacotron.synthesizer import Synthesizer
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.train.tasks.tacotron.loss import batch_inputs, tacotron_loss

PHONES, BANDS, BATCH, COUNT, FRAMES, STEPS = 6, 8, 16, 8, 32, 400
MODEL = Tacotron2Config(
    embedding=24,
    encoder_layers=1,
    encoder_width=3,
    encoder_rnn=12,
    decoder=DecoderConfig(
        prenet=(24, 16),
        attention_rnn=32,
        attention=16,
        location_filters=4,
        location_width=7,
        rnn=32,
        zoneout=0.0,
    ),
    postnet_layers=2,
    postnet_width=3,
    postnet=16,
    dropout=0.1,
)


def toy_batch(seed, timed):
    """Makes utterances of 4 to 8 phones; no two equal ones follow each other, so that each can be seen to end."""
    rng = np.random.default_rng(seed)
    spectra = np.random.default_rng(99).choice([-1.0, 1.0], (PHONES, BANDS)) * 1.5
    batch = {
        "phones": np.zeros((BATCH, COUNT), np.int32),
        "phone_lengths": rng.integers(4, COUNT + 1, BATCH).astype(np.int32),
        "frames": np.full((BATCH, FRAMES, BANDS), -2.0, np.float32),
        "lengths": np.zeros(BATCH, np.int32),
        "ends": np.zeros((BATCH, COUNT), np.float32),
        "number": np.arange(BATCH, dtype=np.int32),
        "guide": np.full(BATCH, 1.0, np.float32),
    }
    ends = np.zeros((BATCH, COUNT), np.int64)
    for row, count in enumerate(batch["phone_lengths"]):
        phones = np.cumsum(rng.integers(1, PHONES, count)) % PHONES
        ends[row, :count] = np.cumsum(2 + phones % 3)  # durations are the phone's own
        batch["phones"][row, :count] = phones
        frames = np.repeat(spectra[phones], 2 + phones % 3, axis=0)
        batch["frames"][row, : len(frames)] = frames + 0.05 * rng.normal(size=frames.shape)
        batch["lengths"][row] = len(frames)
    if timed:
        batch["ends"] = ends.astype(np.float32)
    return batch, ends


@pytest.mark.slow
@pytest.mark.parametrize("timed", [False, True], ids=["diagonal", "labels"])
def test_a_toy_language_is_aligned_and_spoken_to_its_end(timed):
    synthesis = SynthesisConfig(
        InputConfig(tuple("abcdef")), MODEL, dataclasses.replace(MelConfig(), bands=BANDS)
    )
    model, config = Synthesizer(synthesis), TacotronTrainConfig(model=MODEL, guide="auto")
    params = jax.jit(model.init)(jax.random.key(0))
    optimizer = optax.chain(optax.clip(1.0), optax.adam(4e-3))

    @jax.jit
    def update(params, state, batch, key):
        def mean(params):
            loss = tacotron_loss(config, model, params, batch, jax.random.split(key, BATCH))
            return loss.total / loss.weight, loss.sums["frames"] / loss.weight

        (_, error), gradient = jax.value_and_grad(mean, has_aux=True)(params)
        updates, state = optimizer.update(gradient, state, params)
        return optax.apply_updates(params, updates), state, error

    state, errors = optimizer.init(params), []
    for number in range(STEPS):
        params, state, error = update(params, state, toy_batch(number, timed)[0], jax.random.key(number))
        errors.append(float(error))
    assert np.mean(errors[-20:]) < 0.25 * np.mean(errors[:20])

    batch, ends = toy_batch(10**6, timed)
    generate = jax.jit(model.generate, static_argnames="most_steps")
    keys = jax.random.split(jax.random.key(1), BATCH)
    generation = jax.device_get(generate(params, batch_inputs(batch), keys, most_steps=2 * FRAMES))
    assert np.mean(generation.ended) > 0.9
    off, monotone = [], []
    for row, speech in enumerate(collect_speech(synthesis, generation, batch["phone_lengths"])):
        count = int(batch["phone_lengths"][row])
        off += np.abs(speech.phone_ends() / synthesis.mel.hop_seconds - ends[row, :count]).tolist()
        monotone.append(np.all(np.diff(speech.attention.argmax(axis=1)) >= 0))
    assert np.median(off) <= 1.0
    assert np.mean(monotone) > 0.8
