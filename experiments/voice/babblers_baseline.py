"""Baseline of the voice babblers: a plain sample-level RNN on the recordings of both of its speakers.

    python -m experiments.launch babblers_baseline

Twenty-five minutes on one core: the RNN of the paper's tables (0.45 M parameters, 20 M samples of training), which is
conditioned on the speaker only. Expected: 3.76 bits per sample of the man's test split, 3.97 of the woman's.
"""

from babble_jax.train.config import OptimizerConfig
from experiments.pipelines.babbler import BabblerExperiment
from experiments.pipelines.paper_rows import MODELS
from experiments.pipelines.paper_table import STEPS, UPDATE
from experiments.pipelines.parts import Part
from experiments.voice import voice_babblers

_RNN, _VOICE = MODELS["RNN"], voice_babblers.EXPERIMENT

EXPERIMENT = BabblerExperiment(
    sources=_VOICE.sources,
    sample_rate=_VOICE.sample_rate,
    pad=_VOICE.pad,
    model=_RNN.model,
    quantizer=_VOICE.quantizer,
    units=0,
    batch_size=UPDATE // _RNN.subsequence,
    parts={
        "training": Part(
            STEPS,
            OptimizerConfig(learning_rate=_RNN.learning_rate, warmup_steps=50, decay_steps=STEPS),
            _RNN.subsequence,
        )
    },
)
