"""Exports the voice of four languages from the run of `voice_languages`, and scores it.

    python -m experiments.launch voice_languages --collections collections
    python -m experiments.launch languages_release

Half an hour on one core. The voice is the latest of the run, finished or not; its training counts from the updates of
the new speakers on, and its card names the voice that they began with. Beside the voice, its section of the NOTICE is
written. Expected: `babble_jax/presets/voices/languages` of 4.1 MB; in bits per sample of the test split English 3.50,
German 3.94, Dutch 2.84, Italian 3.02.
"""

from experiments.pipelines.release import ReleaseExperiment
from experiments.voice import voice_languages

SPEAKERS = {
    "kathleen": "english",
    "kerstin": "german",
    "nathalie": "dutch",
    voice_languages.ITALIAN: "italian",
}

EXPERIMENT = ReleaseExperiment(
    name="languages",
    run_of=voice_languages.EXPERIMENT,
    run_name="voice_languages",
    speakers=SPEAKERS,
    kinds=dict.fromkeys(SPEAKERS.values(), "speech"),
    languages={"english": "en-US", "german": "de", "dutch": "nl", "italian": "it"},
    source=(
        "dataset-voice-kathleen, dataset-voice-kerstin and dataset-voice-nathalie of rhasspy on GitHub; Asterisk's "
        "Italian core sounds (Carlo Flora, carloflora.com)"
    ),
    temperature=1.0,
    licence="weights: Apache-2.0; recordings: CC0 1.0, and CC BY 3.0 (see NOTICE)",
    notice=(
        "The folder holds no recording. Its weights (weights.safetensors) and its strings of acoustic units "
        "(units.safetensors) were learned from recordings, which were resampled, brought to another level, cut, padded "
        "with silence and, in training, disturbed by noise; what the voice says is made up and says nothing. Nobody "
        "named here has endorsed this project or what is made with it.",
        'Speakers "english", "german" and "dutch": recordings of https://github.com/rhasspy/dataset-voice-kathleen, '
        "https://github.com/rhasspy/dataset-voice-kerstin and https://github.com/rhasspy/dataset-voice-nathalie, CC0 "
        "1.0, https://creativecommons.org/publicdomain/zero/1.0/.",
        'Speaker "italian": Italian prompts of Asterisk\'s core sounds (Debian package asterisk-core-sounds-it-g722), '
        "Copyright 2012 Carlo Flora; recorded by Carlo Flora (http://www.carloflora.com, "
        "http://www.segreterietelefoniche.it), translated by Silvia Petrin, under the Creative Commons Attribution 3.0 "
        "Unported licence (CC BY 3.0, https://creativecommons.org/licenses/by/3.0/).",
        "Its training began from the weights and the acoustic units of the voice babblers, so that what the section on "
        "that voice says of the recordings of its speakers (Copyright (c) 2005 Nickolay V. Shmyrev; Copyright 2010 "
        "Maxim, provided by Maxim Topal, http://www.ivrvoice.ru, CC BY 3.0) holds here, too.",
    ),
)
