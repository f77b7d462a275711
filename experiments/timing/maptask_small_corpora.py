"""Small parts of Map Task, shrunk towards Switchboard: the gain over fitting alone and over the preset as it is.

    BABBLE_CORPORA=CORPORA python -m experiments.launch maptask_small_corpora

TIME Twenty draws: five times, the 16 quads are held out four at a time, and 1 to 20 conversations of the others are
the small corpus. Expected: `results/maptask_small_corpora.json`.
"""

from experiments.pipelines.small_corpora import SmallCorporaExperiment

EXPERIMENT = SmallCorporaExperiment(corpus="maptask", prior="switchboard")
