"""References of `babble judge` that ship: held-out recordings of the four speakers of the voice of languages.

    python -m experiments.launch languages_reference --collections collections

Makes the data set of `voice_languages` again, whose file says where to get the recordings; of them the validation and
test splits are measured as `speech_reference` does. Five minutes on one core. Expected:
`results/languages_reference.json`, ten minutes of each woman and five of the man.
"""

from babble_jax.dataset.recipes import RECIPES
from experiments.pipelines.judging import ReferenceExperiment
from experiments.voice import voice_languages

EXPERIMENT = ReferenceExperiment(
    run_of=voice_languages.EXPERIMENT,
    descriptions={
        "kathleen": "US English, one woman (dataset-voice-kathleen), read sentences, 897 files, 45 min, 48 kHz",
        "kerstin": "German, one woman (dataset-voice-kerstin), read sentences, 652 files, 45 min, 48 kHz",
        "nathalie": "Dutch, one woman (dataset-voice-nathalie), read sentences, 1,130 files, 42 min, 48 kHz",
        voice_languages.ITALIAN: RECIPES[voice_languages.ITALIAN].description,
    },
)
