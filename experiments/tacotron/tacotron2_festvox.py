"""Tacotron 2 of one man (festvox-ru): phones, and their durations, pitch and level, into mel.

    python -m experiments.launch tacotron2_festvox --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru (.../voices/russian/msu_ru_nsh_clunits); without --from
the package is fetched, 180 MB. Takes hours on one core; an interrupted run is resumed by the same command. Expected: no
figure yet.

Labels lead the attention, since 80 minutes of speech are few to learn it from; over the first half of the updates their
alignment takes its place, in ever fewer utterances. Without that the model knew after 1000 updates when to speak, and
spoke one and the same sound; with it, phones are seen in the spectrogram after 2000. A fifth of the true last frames is
kept from the decoder. Of a fifth of the utterances nothing is told of the prosody, and of others not all.
"""

import dataclasses

from babble_jax.tacotron.config import TWO_CORES
from babble_jax.train.config import OptimizerConfig
from experiments.pipelines.tacotron import TacotronExperiment

STEPS = 6000

EXPERIMENT = TacotronExperiment(
    model=dataclasses.replace(TWO_CORES, dropout=0.1),
    optimizer=OptimizerConfig(learning_rate=1e-3, warmup_steps=200, decay_steps=STEPS),
    steps=STEPS,
    forced_steps=STEPS // 2,
)
