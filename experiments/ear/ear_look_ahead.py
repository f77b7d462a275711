"""How far an ear must see ahead: errors in the phones of read Russian by look-ahead, from none to 320 ms.

    python -m experiments.launch ear_look_ahead --from FOLDER

FOLDER is as for `ear_festvox`. Four ears in the shape of `ear_festvox_forward` see 0, 80, 160 and 320 ms ahead, and
learn in 1500 updates each. Takes about an hour and a quarter on one core, 20 minutes for each ear; an interrupted run
is resumed by the same command. Expected: 21.5, 16.6, 15.2 and 13.4 % errors by the best path, without noise.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.pipelines.ear_curve import EarCurveExperiment

STEPS = 1500

EXPERIMENT = EarCurveExperiment(
    axis="look_ahead",
    values=(0.0, 80.0, 160.0, 320.0),
    model=EarShape(direction="forward", recurrent=320),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
)
