"""TODO"""

from experiments.kinds_sequential import ContextExperiment

EXPERIMENT = ContextExperiment(
    corpus="switchboard-ms98",
    mode="causal",
    also=("projected",),
    source="Mississippi State word alignments of Switchboard-1 (ms98), OpenSLR 5",
    licence="released by ISIP, Mississippi State University, without licence restrictions",
)
