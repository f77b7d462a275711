"""Does an ear of one man and one microphone that learns from equalized spectra hear other microphones?

    python -m experiments.launch ear_channels --from FOLDER

FOLDER is as for `ear_festvox`. Three ears in the shape of the one that ships learn from all minutes in 1500 updates
each: from the spectra as they are, and with curves over the bands of 3 and 6 dB (`--equalize`). Each hears the test
split as it is, and tilted by -20 to 20 dB from the lowest to the highest band. Takes about three quarters of an hour on
one core; an interrupted run is resumed by the same command. Expected: no figure yet.

The ear that ships hears most of the woman of babblers as one fricative. If the means of her bands are
brought to those of its training, it hears as many phones a second as in speech; a warp of her spectrum brings nothing.
So it is another channel that it does not know, more than another vocal tract. To bring the means of what is heard to
those of the training costs errors in the test split, hence a training that knows other channels.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.pipelines.ear_curve import EarCurveExperiment

STEPS = 1500

EXPERIMENT = EarCurveExperiment(
    axis="equalize",
    values=(0.0, 3.0, 6.0),
    model=EarShape(),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
    changes=(-20.0, -10.0, 0.0, 10.0, 20.0),
)
