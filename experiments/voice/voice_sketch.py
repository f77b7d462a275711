"""A longer training: a three-tier SampleRNN on festvox-ru at 8 kHz, each recording at the same peak, 82 M samples.

    python -m experiments.launch voice_sketch

An hour on one core. Expected: 4.01 bits per sample on the test split, beside 7.73 of the unigram and 5.95 of the
first-order Markov baseline. No weight norm; the state is carried over a recording's subsequences.

The effect of each choice, in bits of the validation split after 3.3 M samples: Adam at 2e-3, frames of 16 and 4, 32 x
512 samples an update 5.39; 32 x 256 5.27; with Muon 5.23; with Muon at 4e-3 5.12; with Muon and frames of 8 and 2
5.14. The first of these choices, trained on 98 M samples, reached 4.42.
"""

from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import OptimizerConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.pipelines.voice import VoiceExperiment

STEPS = 10_000

EXPERIMENT = VoiceExperiment(
    source="festvox-ru",
    sample_rate=8000,
    model=SampleRNNConfig(
        frame_sizes=(8, 2), dim=256, expand_top=True, hidden=1, reset="after", weight_norm=False
    ),
    quantizer=Quantizer("mu_law"),
    optimizer=OptimizerConfig(kind="muon", learning_rate=4e-3, warmup_steps=50, decay_steps=STEPS),
    batch_size=32,
    subsequence=256,
    steps=STEPS,
    rescale=True,
)
