"""The voice that speaks phones: synthesizer and vocoder of festvox-ru, with the Russian phonotactics that ship.

    python -m experiments.launch tacotron2_festvox_forced && python -m experiments.launch vocoder_festvox
    python -m experiments.launch second_voice

A minute on one core, with the latest runs of the trainings, or with `--synthesizer FOLDER --vocoder FOLDER` in their
place. Expected: `babble_jax/presets/voices/russian` of at most 8 MB.

The temperature is that of the vocoder. Copies of five recordings were rated 3.48 of 5 by DNSMOS at a temperature of 1,
3.55 at 0.85, 3.66 at 0.7 and 3.74 at 0.5. What speaks against a lower one are short tones near 4 kHz: of 4,000 frames
of 20 ms of babble 1 has one at 1, 2 at 0.85, 11 at 0.7 and 30 at 0.5.
"""

from babble_jax.dataset import recipes
from experiments.pipelines.voice_joining import VoiceJoining

_RECIPE = recipes.RECIPES["festvox-ru"]
EXPERIMENT = VoiceJoining(
    name="russian",
    synthesizer_run="tacotron2_festvox_forced",
    vocoder_run="vocoder_festvox",
    phonotactics={"ru": "ru"},
    source=_RECIPE.description,
    licence=_RECIPE.licence,
    temperature=0.7,
    notice=(
        "The folder holds no recording. The weights in it (weights.safetensors of synthesizer and vocoder) were "
        "learned from recordings, with the phones that are labelled in them; what the voice says is made up and says "
        "nothing. Nobody named here has endorsed this project or what is made with it.",
        "Recordings and labels of festvox-ru (the Russian voice msu_ru_nsh_clunits for Festival, Debian package "
        "festvox-ru 0.5+dfsg-6), Copyright (c) 2005 Nickolay V. Shmyrev, all rights reserved, under the permissive "
        "licence that is reproduced in full in babble_jax/presets/speech/NOTICE. Its words are drawn by the "
        "phonotactics ru, whose NOTICE is in babble_jax/presets/phonotactics.",
    ),
)
