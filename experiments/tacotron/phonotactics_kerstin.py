"""Phonotactics of German, from the transcripts of dataset-voice-kerstin.

    python -m experiments.launch phonotactics_kerstin --from FOLDER

FOLDER holds a copy of github.com/rhasspy/dataset-voice-kerstin, which is CC0; its sound is not needed. espeak-ng,
which says how the words are spoken, has to be installed; the lists of words are fetched from Debian. Takes 2 minutes
on one core. Every tenth transcript is held out for the measures; what ships (`experiments/release/phonotactics.py`) is
fitted on all. Expected, with espeak-ng 1.51: 3.07 bits per phone of held-out words with an n-gram of order 4, and
1.1 % of the drawn words in the independent list.
"""

from experiments.pipelines.text_phonotactics import TextPhonotacticsExperiment, WordList

EXPERIMENT = TextPhonotacticsExperiment(
    language="de",
    voice="de",
    source="rhasspy/dataset-voice-kerstin",
    licence="CC0-1.0",
    lexicon=WordList(
        "tanglet-data",
        "usr/share/tanglet/gamedata/de/words",
        "german-wordlist of enz, a copy in Debian tanglet-data",
        "CC0-1.0 of github.com/enz/german-wordlist",
    ),
    independent=WordList(
        "hunspell-de-de",
        "usr/share/hunspell/de_DE.dic",
        "de_DE (Debian hunspell-de-de)",
        "not shipped",
    ),
    words=5000,
)
