"""Which sounds a classifier tells apart by what the judge measures: people, all voices that ship, instruments, noise.

    python -m experiments.launch classify_sounds

Fetches recordings of three speakers that voices were trained on, and takes pieces of those that were held out. A
quarter of an hour on one core. Expected: the kind of 92 % of the pieces and the source of 60 %; all speech and none but
bass and tenor is speech to the detector.
"""

from experiments.pipelines.source_classification import SourceClassificationExperiment

EXPERIMENT = SourceClassificationExperiment(
    recordings={
        "man": "festvox-ru",
        "woman": "asterisk-core-sounds-ru-g722",
        "italian": "asterisk-core-sounds-it-g722",
    },
    voices=("babblers", "languages", "russian", "other-sounds"),
    synthesized={
        "8-bit": ("chip",),
        "singing": ("opera-soprano", "opera-alto", "opera-tenor", "opera-bass"),
    },
)
