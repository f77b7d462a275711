"""A tiny voice that speaks phones: phonotactics of a small language, synthesizer and vocoder of random parameters."""

import functools

import jax
import numpy as np

from babble_jax.pretrained.synthesizer import PretrainedSynthesizer
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.tacotron.config import PROSODY, InputConfig, SynthesisConfig
from babble_jax.tacotron.synthesizer import Synthesizer
from tests.tacotron.phonotactics.small_language import PHONES, fit_small
from tests.tacotron.tiny import TACOTRON2
from tests.voice.vocoder import MEL_CONFIG, build_vocoder

SYMBOLS = (PHONES.silence, *PHONES.consonants, *PHONES.vowels)


def build_synthesizer(**inputs) -> PretrainedSynthesizer:
    """Makes a Tacotron 2 of random parameters, which says anything; options replace fields of its `InputConfig`."""
    inputs_config = InputConfig(
        **{"symbols": SYMBOLS, "prosody": PROSODY, "speakers": ("ann", "ben"), **inputs}
    )
    config = SynthesisConfig(inputs_config, TACOTRON2, MEL_CONFIG)
    shapes = jax.eval_shape(Synthesizer(config).init, jax.random.key(0))
    rng = np.random.default_rng(0)
    params = jax.tree.map(lambda x: rng.normal(0, 0.3, x.shape).astype(np.float32), shapes)
    params["decoder"]["stop"]["bias"] -= 1.5  # some phrases end by it, others by their bounds
    return PretrainedSynthesizer(config, params, {"steps": 3})


@functools.cache
def build_phone_voice() -> TacotronVoice:
    """Makes the voice."""
    return TacotronVoice(build_synthesizer(), build_vocoder(), {"und": fit_small()}, name="tiny")
