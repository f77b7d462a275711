"""TODO"""

from experiments.kinds_sequential import PooledExperiment

EXPERIMENT = PooledExperiment(corpus="switchboard-ms98")
