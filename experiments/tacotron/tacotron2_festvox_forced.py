"""Tacotron 2 of one man (festvox-ru), trained further on where the phones are: what is spoken gets sharper.

    python -m experiments.launch tacotron2_festvox_forced --from FOLDER --start MODEL

FOLDER is as for `tacotron2_festvox`, and MODEL the model that it made (runs/tacotron2_festvox/DIGEST/work/synthesizer).
Takes an hour on one core, and ten minutes for the scores; an interrupted run is resumed by the same command. Run again
with the model that it made, it goes on. Expected: an ear mishears 22 of 100 phones with the prosody of the recording
and 28 of phones alone, and after the second time 15 and 19, 5 and 9 more than in the recordings; a distortion of 3.3
and 3.2 dB; of 100 phones none is skipped in sentences as long as those of the training, and 0.9 and 2.0 in those of
four times the length. The scores that stand here are those of the second time.

The model of `tacotron2_festvox` blurs what changes from phone to phone, and an ear mishears 63 of 100 phones. A table
of mean frames, by the phone, its neighbours and the part of it, is as far from the true spectra, but sharp, and the ear
mishears 9 to 11. The blur is learned: an attention that is early or late by a step shows the decoder spectra of the
phone before or after. So here the labels' alignment takes its place in nine of ten utterances; and of every second
utterance the decoder sees no frame, so that it reads the phones in place of going on from the frames.
"""

import dataclasses

from babble_jax.train.config import OptimizerConfig
from experiments.tacotron.tacotron2_festvox import EXPERIMENT as BEGINNING

STEPS = 2500

EXPERIMENT = dataclasses.replace(
    BEGINNING,
    optimizer=OptimizerConfig(kind="muon", learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
    frame_dropout=0.5,
    blind=0.5,
    forced_steps=0,
    forced=0.9,
)
