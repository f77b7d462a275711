"""Tiny models, and utterances for them."""

import dataclasses

import jax
import numpy as np

from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer
from babble_jax.tacotron.config import (
    CBHGConfig,
    DecoderConfig,
    InputConfig,
    SynthesisConfig,
    Tacotron2Config,
    TacotronConfig,
)
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.synthesizer import Synthesizer
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig

INPUTS = InputConfig(("a", "b", "c"), ("log_duration", "f0"), ("x", "y"), ("u", "v"))
TACOTRON2 = Tacotron2Config(
    embedding=8,
    encoder_layers=2,
    encoder_width=3,
    encoder_rnn=4,
    decoder=DecoderConfig(
        prenet=(8,),
        attention_rnn=8,
        attention=8,
        location_filters=2,
        location_width=3,
        rnn=8,
        reduction=2,
    ),
    postnet_layers=2,
    postnet_width=3,
    postnet=8,
)
TACOTRON = TacotronConfig(
    embedding=6,
    encoder_prenet=(8, 6),
    encoder=CBHGConfig(bank=3, channels=4, projection=5, highway_layers=2, highway=4, rnn=4),
    decoder=DecoderConfig(
        prenet=(8, 6),
        attention_rnn=8,
        attention=8,
        location_filters=0,
        rnn=6,
        layers=2,
        reduction=2,
        zoneout=0.0,
    ),
    postnet=CBHGConfig(bank=2, channels=4, projection=6, highway_layers=2, highway=4, rnn=4),
)
MODELS = {"tacotron2": TACOTRON2, "tacotron": TACOTRON}
LENGTHS, FRAMES = np.array([4, 2], np.int32), np.array([6, 3], np.int32)


def config(kind="tacotron2", bands=5):
    mel = MelConfig(sample_rate=4000, fourier=64, window=64, hop=40, bands=bands, highest=2000)
    return SynthesisConfig(INPUTS, MODELS[kind], mel)


def utterances(phones=4, frames=6, bands=5, seed=0):
    """Makes two utterances of 4 and 2 phones, 6 and 3 frames; noise stands in the padding."""
    rng = np.random.default_rng(seed)
    inputs = PhoneInputs(
        rng.integers(0, 3, (2, phones)).astype(np.int32),
        LENGTHS,
        rng.normal(size=(2, phones, 2)).astype(np.float32),
        np.array([0, 1], np.int32),
        np.array([1, 0], np.int32),
    )
    return inputs, rng.normal(size=(2, frames, bands)).astype(np.float32)


def synthesizer(kind="tacotron2"):
    """Makes a model with random weights, which says anything."""
    one = config(kind)
    shapes = jax.eval_shape(Synthesizer(one).init, jax.random.key(0))
    rng = np.random.default_rng(0)
    params = jax.tree.map(lambda x: rng.normal(0, 0.3, x.shape).astype(np.float32), shapes)
    return PretrainedSynthesizer(one, params, {"steps": 3})


def train_config(recordings, kind="tacotron2", **options):
    """Makes the config of a training; options replace fields of `TacotronTrainConfig`."""
    values = {"batch_size": 4, "by_prosody": True, "seed": 3} | options
    mel = dataclasses.replace(config().mel, sample_rate=16000, fourier=512, window=400, hop=160)
    return TacotronTrainConfig(recordings=str(recordings), model=MODELS[kind], mel=mel, **values)


def keys():
    return jax.random.split(jax.random.key(1), 2)
