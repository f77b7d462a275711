"""A tiny voice of two speakers with acoustic units and random parameters, for tests."""

import jax
import numpy as np

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.quantize import Quantizer
from babble_jax.audio.units import Codebook, UnitSequence
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.voice.conditioning.activity import FEATURES
from babble_jax.voice.conditioning.unit_models import UnitModels, fit_unit_lm
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import Params
from babble_jax.voice.models.kinds import ModelConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig

RATE, K = 4000, 5
LINES = (
    UnitSequence(
        np.repeat([4, 0, 1, 2, 4], [20, 3, 4, 5, 30]),
        np.repeat([np.nan, 0.25, -0.5], [20, 12, 30]),
        np.repeat([LOWEST_RMS_DB, -30, LOWEST_RMS_DB], [20, 12, 30]),
    ),
    UnitSequence(
        np.repeat([4, 2, 3, 0, 2, 4], [10, 6, 4, 9, 7, 20]),
        np.repeat([np.nan, 0.125, np.nan], [10, 10, 36]),
        np.repeat([LOWEST_RMS_DB, -24, LOWEST_RMS_DB], [10, 26, 20]),
    ),
)


def draw_params(config: VoiceConfig, draws: np.random.Generator) -> Params:
    """Draws parameters large enough for past samples to matter; `init` would compile."""
    shapes = jax.eval_shape(config.sample_model.init, jax.random.key(0))
    return jax.tree.map(lambda x: draws.normal(size=x.shape).astype(x.dtype), shapes)


def build_unit_voice(
    model: ModelConfig = SampleRNNConfig(
        frame_sizes=(8, 2), dim=12, embedding=6, hidden=1, expand_top=True, reset="after"
    ),
) -> PretrainedVoice:
    config = VoiceConfig(model, Quantizer("mu_law", 32), RATE, 2.0, ("ann", "ben"), FEATURES, K)
    draws = np.random.default_rng(3)
    params = draw_params(config, draws)
    codebook = Codebook(
        *(draws.normal(size=n).astype(np.float32) ** 2 + 0.1 for n in ((K, 13), (2, 13), (2, 13), 2))
    )
    unit_lms = (
        fit_unit_lm(LINES[:1], [np.array([(0.2, 0.32)])], [0.62]),
        fit_unit_lm(LINES[1:], [np.array([(0.1, 0.36)])], [0.56]),
    )
    return PretrainedVoice(config, params, unit_models=UnitModels(codebook, unit_lms))
