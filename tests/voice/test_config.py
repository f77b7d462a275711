"""The config of a voice refuses what makes no voice."""

import pytest

from babble_jax.audio.quantize import Quantizer
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.distributions.categorical import Categorical
from babble_jax.voice.distributions.logistic_mixture import DiscretizedLogisticMixture
from babble_jax.voice.models.samplernn import SampleRNNConfig

REAL = SampleRNNConfig(frame_sizes=(8,), dim=8, input="real", expand_top=True)


def test_the_config_says_which_distribution_samples_have():
    assert VoiceConfig(REAL).sample_model.distribution == Categorical(256)
    voice = VoiceConfig(REAL, Quantizer("linear", 65_536), mixture=10)
    assert voice.sample_model.distribution == DiscretizedLogisticMixture(65_536, 10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mixture": -1}, "mixture is -1; choose from 1 to 100, or 0 for classes"),
    ],
)
def test_what_makes_no_voice_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        VoiceConfig(**options)
