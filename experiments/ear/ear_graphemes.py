"""An ear that hears letters, as Deep Speech does: read Russian (festvox-ru) by its transcripts, heard as a whole.

    python -m experiments.launch ear_graphemes --from FOLDER

FOLDER is as for `ear_festvox`, and the test split is the same. Takes about 40 minutes on one core; an interrupted run
is resumed by the same command. Expected: no figure yet; more errors than of phones, since letters of reduced vowels
are not heard, and the transcripts have no times by which steps could be classified.

Errors are counted in letters, in characters (letters and the spaces between words) and in words. There is no
dictionary: the beam search goes by a trigram of characters.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.pipelines.ear import EarExperiment

STEPS = 4000

EXPERIMENT = EarExperiment(
    model=EarShape(),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
    symbols="graphemes",
)
