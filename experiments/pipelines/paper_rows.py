"""The rows of the paper's tables: what each option changes in one three-tier voice."""

import dataclasses

from babble_jax.audio.quantize import Quantizer
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig
from experiments.pipelines.paper_table import Row

THREE_TIERS = SampleRNNConfig(frame_sizes=(8, 2), dim=128)
BASE = Row(THREE_TIERS)

MODELS = {
    "SampleRNN, 3 tiers": BASE,
    "SampleRNN, 2 tiers": Row(SampleRNNConfig(frame_sizes=(4,), dim=146)),
    "RNN": Row(RNNConfig(dim=208)),
    # Two receptive fields of 4,093 samples.
    "WaveNet": Row(WaveNetConfig(channels=40, skip=64), subsequence=8192),
}

LENGTHS = {str(length): dataclasses.replace(BASE, subsequence=length) for length in (512, 256, 128, 64, 32)}

QUANTIZERS = {
    "mu-law": BASE,
    "linear": dataclasses.replace(BASE, quantizer=Quantizer("linear")),
}


def _with(**changes: object) -> Row:
    return Row(dataclasses.replace(THREE_TIERS, **changes))


OPTIONS = {
    "three tiers, one GRU layer": BASE,
    "real-valued input": _with(input="real", dim=154),
    "no weight norm": _with(weight_norm=False),
    "no learned initial state": _with(learn_initial_state=False),
    "LSTM": _with(cell="lstm", dim=118),
    "two layers": _with(layers=2, dim=102),
    "two layers, skip": _with(layers=2, skip=True, dim=92),
}
