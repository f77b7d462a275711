"""The voice that speaks phones: synthesizer and vocoder of festvox-ru, with the Russian phonotactics that ship.

    python -m experiments.launch tacotron2_festvox && python -m experiments.launch vocoder_festvox
    python -m experiments.launch second_voice

A minute on one core, with the latest runs of the trainings, or with `--synthesizer FOLDER --vocoder FOLDER` in their
place. Expected: `babble_jax/presets/voices/russian` of at most 8 MB.
"""

from babble_jax.dataset import recipes
from experiments.pipelines.voice_joining import VoiceJoining

_RECIPE = recipes.RECIPES["festvox-ru"]
EXPERIMENT = VoiceJoining(
    name="russian",
    synthesizer_run="tacotron2_festvox",
    vocoder_run="vocoder_festvox",
    phonotactics={"ru": "ru"},
    source=_RECIPE.description,
    licence=_RECIPE.licence,
    temperature=1.0,
)
