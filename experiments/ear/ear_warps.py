"""Does an ear of one man that learns from warped spectra hear other vocal tracts?

    python -m experiments.launch ear_warps --from FOLDER

FOLDER is as for `ear_festvox`. Three ears in the shape of the one that ships learn from all minutes in 1500 updates
each: from the spectra as they are, and warped by up to 0.1 and 0.2 (`--warp`). Each hears the test split as it is, and
with its spectrum warped by 0.8 to 1.2; a factor of 0.85 moves formants and pitch up by 18 %, as from a man to a woman
or nearly so. Takes about three quarters of an hour on one core; an interrupted run is resumed by the same command.
Expected: no figure yet. If the warp costs nothing where nothing is warped, it should be on by default.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.pipelines.ear_curve import EarCurveExperiment

STEPS = 1500

EXPERIMENT = EarCurveExperiment(
    axis="warp",
    values=(0.0, 0.1, 0.2),
    model=EarShape(),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
    changes=(0.8, 0.85, 0.9, 1.0, 1.1, 1.2),
)
