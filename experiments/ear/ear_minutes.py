"""How many minutes of speech an ear needs: errors in the phones of read Russian by minutes of training speech.

    python -m experiments.launch ear_minutes --from FOLDER

FOLDER is as for `ear_festvox`. Four ears in the shape of the one that ships learn from 10, 20, 40 and all 76 minutes,
each in 1500 updates: the fewer minutes, the more passes. The minutes of one are among those of the next, and the test
split is that of `ear_festvox`. Takes about an hour on one core, a quarter for each ear; an interrupted run is resumed
by the same command. Expected: 21.9, 17.0, 13.0 and 11.7 % errors by the best path; with 4000 updates and all
minutes 9.3 %.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.pipelines.ear_curve import EarCurveExperiment

STEPS = 1500

EXPERIMENT = EarCurveExperiment(
    axis="minutes",
    values=(10.0, 20.0, 40.0, 80.0),
    model=EarShape(),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
)
