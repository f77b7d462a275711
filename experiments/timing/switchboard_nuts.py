"""The hierarchical model by SVI beside NUTS, on the first 100 training calls of Switchboard.

    BABBLE_CORPORA=CORPORA python -m experiments.launch switchboard_nuts

Takes a minute on two cores. Expected: each posterior mean of the population within 0.25 of the posterior's standard
deviation by NUTS. The standard deviations themselves are by SVI half to eight tenths of those by NUTS, as of a guide in
which population and deviations are independent; nothing uses them.
"""

from experiments.pipelines.prediction import NutsExperiment

EXPERIMENT = NutsExperiment(corpus="switchboard-ms98", conversations=100)
