"""An ear of read Russian for noise and other microphones: that of `ear_festvox`, trained further with both.

    python -m experiments.launch ear_festvox_noise --from FOLDER --start EAR

FOLDER is as for `ear_festvox`, and EAR the ear that it made (runs/ear_festvox/DIGEST/work/ear), or `ru`. Takes about 20
minutes on one core; an interrupted run is resumed by the same command. Expected: no figure yet.

The ear that never heard noise mishears 95 of a hundred phones of recordings in 256 levels of mu-law, which listeners
hardly tell from the recordings themselves; so it cannot say what a vocoder of such levels loses. Here each piece comes
with noise, even or following the speech, 10 to 50 dB below it, and with a curve over its bands of 3 dB.
"""

import dataclasses

from babble_jax.train.config import OptimizerConfig
from experiments.ear.ear_festvox import EXPERIMENT as EAR

STEPS = 2000

EXPERIMENT = dataclasses.replace(
    EAR,
    noise=10.0,
    equalize=3.0,
    optimizer=OptimizerConfig(learning_rate=1e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
)
