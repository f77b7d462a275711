"""Phonotactics of Dutch, from the transcripts of dataset-voice-nathalie.

    python -m experiments.launch phonotactics_nathalie --from FOLDER

FOLDER holds a copy of github.com/rhasspy/dataset-voice-nathalie, which is CC0; its sound is not needed. espeak-ng,
which says how the words are spoken, has to be installed; the lists of words are fetched from Debian. Takes 2 minutes
on one core. Every tenth transcript is held out for the measures; what ships (`experiments/release/phonotactics.py`) is
fitted on all. Expected, with espeak-ng 1.51: 2.60 bits per phone of held-out words with an n-gram of order 4.
"""

from experiments.pipelines.text_phonotactics import TextPhonotacticsExperiment, WordList

EXPERIMENT = TextPhonotacticsExperiment(
    language="nl",
    voice="nl",
    source="rhasspy/dataset-voice-nathalie",
    licence="CC0-1.0",
    lexicon=WordList(
        "wdutch",
        "usr/share/dict/dutch",
        "woordenlijst of OpenTaal (Debian wdutch)",
        "BSD-3-Clause",
    ),
    independent=None,
    words=5000,
)
