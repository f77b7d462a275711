"""A three-tier SampleRNN on festvox-ru (one speaker, 91 minutes), trained for 20 minutes on two cores.

    python -m experiments.launch voice_festvox

Takes 20 minutes on two cores after a download of 180 MB. Expected on the test split: at least 0.5 bits per sample
less than a first-order Markov chain of the same codes.

The quantization is mu-law, not the paper's linear one, since at this gain it resolves quiet speech better. The sample
rate is 8 kHz: at 16 kHz a voice of this size, trained for 20 minutes, scores as far below the Markov chain, but its
babble falls into a full-scale tone within seconds. Adam has twice the paper's learning rate and a cosine schedule,
since 20 minutes are short.
"""

from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import OptimizerConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.pipelines.voice import VoiceExperiment

STEPS = 3600

EXPERIMENT = VoiceExperiment(
    source="festvox-ru",
    sample_rate=8000,
    model=SampleRNNConfig(frame_sizes=(16, 4), dim=256, expand_top=True, hidden=1, reset="after"),
    quantizer=Quantizer("mu_law"),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=50, decay_steps=STEPS),
    batch_size=16,
    subsequence=512,
    steps=STEPS,
)
