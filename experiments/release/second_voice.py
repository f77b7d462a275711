"""The voice that speaks phones: synthesizer and vocoder of festvox-ru, with the Russian phonotactics that ship.

    python -m experiments.launch tacotron2_festvox_forced && python -m experiments.launch vocoder_festvox
    python -m experiments.launch second_voice

A minute on one core, with the latest runs of the trainings, or with `--synthesizer FOLDER --vocoder FOLDER` in their
place. Expected: `babble_jax/presets/voices/russian` of at most 8 MB.

The temperature is that of the vocoder. Copies of six recordings were rated 2.97 of 5 by DNSMOS at a temperature of 1,
3.05 at 0.85, 3.09 at 0.7, 3.24 at 0.5 and 3.31 at 0.35 (the recordings 3.80). What speaks against a lower one are short
tones near 4 kHz: in 80 s of babble 1 frame of 20 ms has one at 1, none at 0.85, 5 at 0.7 and 31 at 0.5.
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
