"""An ear that hears while the speech comes, with 160 ms of look-ahead: phones of read Russian (festvox-ru).

    python -m experiments.launch ear_festvox_forward --from FOLDER

FOLDER is as for `ear_festvox`. Takes about an hour on one core; an interrupted run is resumed by the same command.
Expected: 15.1 % errors in the phones of the 75 utterances of the test split, where 18 % was the aim; by the best path
16.6 %, and 14.9 % in 256 levels of mu-law, 15.1, 16.3 and 23.5 % in white noise 30, 20 and 10 dB below the speech.

As `ear_festvox_noise` it learns with noise and other microphones. `ear_look_ahead` gives the curve against look-ahead.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.pipelines.ear import EarExperiment

STEPS = 4000

EXPERIMENT = EarExperiment(
    model=EarShape(direction="forward", look_ahead=8, recurrent=320),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
    noise=10.0,
    equalize=3.0,
)
