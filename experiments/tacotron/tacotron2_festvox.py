"""Tacotron 2 of one man (festvox-ru): phones, and their durations, pitch and level, into mel.

    python -m experiments.launch tacotron2_festvox --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru (.../voices/russian/msu_ru_nsh_clunits); without --from
the package is fetched, 180 MB. Takes two hours on one core, and ten minutes for the scores; an interrupted run is
resumed by the same command. Expected: half of the phones end within 12 ms of the labels by the attention with the true
frames as the last ones, none is skipped in sentences as long as those of the training, and 3 of 100 in those of four
times the length; a distortion of 4.6 dB, where the mean frame has 7.9. Fine detail is missing: an ear that mishears 10
of 100 phones in the recordings mishears 63 in what is spoken; `tacotron2_festvox_forced` goes on from there.

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
