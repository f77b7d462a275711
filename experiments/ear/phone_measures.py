"""Do the measures of phones tell speech from babble, and words from none? On labels, so that no ear mishears.

    python -m experiments.launch phone_measures --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru, as in `ear_festvox`; without --from it is fetched. Takes
20 s. Expected: in held-out sentences the longest run that stands in the training text has 9 phones in the median, in
strings that the n-gram draws 6, in shuffled phones 4, in training sentences more than 50; shuffled phones lie 3 bits or
more from the language; loops have a bigram entropy of less than half of their chance.
"""

from experiments.pipelines.phone_measures import PhoneMeasuresExperiment

EXPERIMENT = PhoneMeasuresExperiment()
"""Pieces of 10 s, as `babble judge` has them best."""
