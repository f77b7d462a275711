"""References of `babble judge` that ship: measures of the held-out recordings of the two speakers of the voice.

    python -m experiments.launch speech_reference

Two minutes. The validation and test splits of the data set of the voice babblers are concatenated and cut into pieces
of 10 s. Expected: `results/speech_reference.json`. Those of the voice of four languages are of `languages_reference`.
"""

from babble_jax.dataset.recipes import RECIPES
from experiments.pipelines.judging import ReferenceExperiment
from experiments.voice import voice_babblers

EXPERIMENT = ReferenceExperiment(
    run_of=voice_babblers.EXPERIMENT,
    descriptions={name: RECIPES[name].description for name in voice_babblers.EXPERIMENT.sources},
)
