"""Phonotactics of English, from the transcripts of dataset-voice-kathleen.

    python -m experiments.launch phonotactics_kathleen --from FOLDER

FOLDER holds a copy of github.com/rhasspy/dataset-voice-kathleen, which is CC0; its sound is not needed. espeak-ng,
which says how the words are spoken, has to be installed; the lists of words are fetched from Debian. Takes 2 minutes
on one core. Every tenth transcript is held out for the measures; what ships (`experiments/release/phonotactics.py`) is
fitted on all. Expected, with espeak-ng 1.51: 3.03 bits per phone of held-out words with an n-gram of order 4, and
9.7 % of the drawn words in the independent list.
"""

from experiments.pipelines.text_phonotactics import TextPhonotacticsExperiment, WordList

EXPERIMENT = TextPhonotacticsExperiment(
    language="en",
    voice="en-us",
    source="rhasspy/dataset-voice-kathleen",
    licence="CC0-1.0",
    lexicon=WordList(
        "wamerican-large",
        "usr/share/dict/american-english-large",
        "american-english-large of SCOWL (Debian wamerican-large)",
        "permissive, Copyright 2000-2011 Kevin Atkinson",
    ),
    independent=WordList(
        "miscfiles",
        "usr/share/dict/web2",
        "web2 (Debian miscfiles)",
        "not shipped",
    ),
    words=5000,
)
