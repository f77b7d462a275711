"""What each covariate adds to the sequential prediction of offsets on Switchboard, mode causal:
only what can be heard by the frame of decision.

    BABBLE_CORPORA=CORPORA python -m experiments.launch switchboard_context_causal

Takes half an hour and more on two cores; no result of it is kept here yet, so that no gain of the covariates is claimed
anywhere.
"""

from experiments.kinds_sequential import ContextExperiment

EXPERIMENT = ContextExperiment(
    corpus="switchboard-ms98",
    mode="causal",
    also=("projected",),
    source="Mississippi State word alignments of Switchboard-1 (ms98), OpenSLR 5",
    licence="released by ISIP, Mississippi State University, without licence restrictions",
)
