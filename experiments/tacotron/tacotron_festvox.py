"""Tacotron of one man (festvox-ru): phones, and their durations, pitch and level, into mel and a linear spectrogram.

    python -m experiments.launch tacotron_festvox --from FOLDER

FOLDER is as for `tacotron2_festvox`; what keeps the phones sharp is that of `tacotron2_festvox_forced`, from the first
update on. Takes hours on one core; an interrupted run is resumed by the same command. Expected: no figure yet. The
shape is that of the paper (arXiv 1703.10135, table 1) with about half the units, and three frames a step as in
`tacotron2_festvox`, so that both can be compared.
"""

import dataclasses

from babble_jax.tacotron.config import CBHGConfig, DecoderConfig, TacotronConfig
from babble_jax.train.config import OptimizerConfig
from experiments.tacotron.tacotron2_festvox_forced import EXPERIMENT as TACOTRON2

STEPS = 4000

EXPERIMENT = dataclasses.replace(
    TACOTRON2,
    model=TacotronConfig(
        embedding=128,
        encoder_prenet=(128, 64),
        encoder=CBHGConfig(bank=8, channels=64, projection=64, highway=64, rnn=64),
        decoder=DecoderConfig(
            prenet=(128, 64),
            attention_rnn=256,
            attention=64,
            location_filters=0,
            rnn=256,
            layers=2,
            reduction=3,
            zoneout=0.0,
        ),
        postnet=CBHGConfig(bank=8, channels=64, projection=128, highway=64, rnn=64),
    ),
    optimizer=OptimizerConfig(kind="muon", learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
)
