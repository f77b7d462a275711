"""TODO"""

from experiments.kinds_sequential import ContextExperiment

EXPERIMENT = ContextExperiment(corpus="switchboard-ms98", mode="descriptive")
