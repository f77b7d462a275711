"""Phonotactics and prosody of Russian, from the labels and the transcripts of festvox-ru.

    python -m experiments.launch phonotactics_festvox --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru (.../voices/russian/msu_ru_nsh_clunits); without --from
the package is fetched, 180 MB. Takes 2 minutes on one core. Every tenth utterance is held out for the measures; what
ships (`experiments/release/phonotactics.py`) is fitted on all. Expected: no drawn word of 5000 in the lexicon, 3.3 bits
per phone of held-out words with an n-gram of order 4, and a correlation of 0.78 of predicted and measured logarithms of
durations.
"""

from experiments.pipelines.phonotactics import PhonotacticsExperiment

EXPERIMENT = PhonotacticsExperiment(words=5000)
