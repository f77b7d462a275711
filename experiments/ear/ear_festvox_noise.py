"""The ear that ships: that of `ear_festvox`, trained further with noise and other microphones.

    python -m experiments.launch ear_festvox_noise --from FOLDER --start EAR

FOLDER is as for `ear_festvox`, and EAR the ear that it made (runs/ear_festvox/DIGEST/work/ear), or `ru`. Takes half an
hour on one core; an interrupted run is resumed by the same command. Expected: 9.8 % errors in the phones of the test
split (8.8 to 10.8); by the best path 10.0 %, in 256 levels of mu-law 9.7 %, in white noise 30, 20 and 10 dB below the
speech 10.3, 11.7 and 23.6 %.

The recordings have no noise. That of `ear_festvox` never heard any, and has 9.3 % errors by the best path, 94.8 % in
mu-law, and 96.9, 98.8 and 98.8 % in the noises. So it cannot hear other recordings, or say what a vocoder loses. Here
each piece comes with noise, even or following the speech, 10 to 50 dB below it, and with a curve of 3 dB over its
bands.
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
