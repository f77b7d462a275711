"""What each covariate adds to the sequential prediction of offsets on Switchboard, mode descriptive:
the history up to the end of the turn before, its duration included.

    BABBLE_CORPORA=CORPORA python -m experiments.launch switchboard_context_descriptive

Takes half an hour and more on two cores; no result of it is kept here yet, so that no gain of the covariates is claimed
anywhere.
"""

from experiments.kinds_sequential import ContextExperiment

EXPERIMENT = ContextExperiment(corpus="switchboard-ms98", mode="descriptive")
