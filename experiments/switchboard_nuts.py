"""TODO"""

from experiments.kinds_sequential import NutsExperiment

EXPERIMENT = NutsExperiment(corpus="switchboard-ms98", conversations=100)
