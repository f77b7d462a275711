"""Do the measures of phones tell speech from babble, and words from none? On labels, so that no ear mishears.

    python -m experiments.launch phone_measures --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru, as in `ear_festvox`; without --from the package is fetched.
Takes a minute. Expected: of held-out sentences the longest run that stands in the training text is 10 phones in the
median, of strings that the n-gram draws 6, of shuffled phones 4, of training sentences more than 50; shuffled phones lie
3 bits or more from the language, loops have a bigram entropy of less than half of their chance.
"""

from experiments.pipelines.phone_measures import PhoneMeasuresExperiment

EXPERIMENT = PhoneMeasuresExperiment()
"""Pieces of 10 s, as `babble judge` has them best."""
