"""An ear of the phones of read Russian (festvox-ru, one man, 76 minutes for training), heard as a whole.

    python -m experiments.launch ear_festvox --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru (.../voices/russian/msu_ru_nsh_clunits); without --from
the package is fetched, 180 MB. Takes about 40 minutes on one core; an interrupted run is resumed by the same command.
Expected: 8.9 % errors in the phones of the 75 utterances of the test split (95 % interval 8.0 to 10.0), which are
those that `babble dataset` holds out, too; onsets of aligned phones 7 ms from the labels in the median.

A step is 20 ms; two layers that see 100 ms, two bidirectional recurrent layers. 59 passes over one speaker are many:
dropout, masks and a tempo that changes by a tenth keep it from learning the utterances by heart. The shortest labels
last 30 ms. Pauses are symbols, too, but no error counts them.

The ear that ships goes on from this one, with noise (`ear_festvox_noise`).
`ear_minutes` gives the curve against minutes of speech; `ear_festvox_forward` hears while it comes.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.pipelines.ear import EarExperiment

STEPS = 4000

EXPERIMENT = EarExperiment(
    model=EarShape(),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=100, decay_steps=STEPS),
    steps=STEPS,
)
