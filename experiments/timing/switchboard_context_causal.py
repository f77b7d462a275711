"""Value of context on held-out Switchboard for a live agent, which sees only the past.

    BABBLE_CORPORA=CORPORA python -m experiments.launch switchboard_context_causal

Takes seven minutes on two cores. Expected gain in nats per offset over one Johnson-SU distribution for all, networks
of all covariates on top of the filter: 0.093 (standard error by calls .004) at level ipu and 0.086 (.005) at level
turn; without the filter 0.065 and 0.061; the filter alone, in a network, 0.073 and 0.068. For an agent that foresees
the end of the turn (mode projected) 0.207 and 0.216. Another seed changes a gain by 0.0005, so that most covariates
add nothing significant to all others; the silence of the speaker who takes the floor does.

The table is in results/switchboard_context_causal.json; the predictors are left in the folder of
the run, runs/switchboard_context_causal/DIGEST/work.
"""

from experiments.pipelines.prediction import ContextExperiment

EXPERIMENT = ContextExperiment(
    corpus="switchboard-ms98",
    mode="causal",
    also=("projected",),
    source="Mississippi State word alignments of Switchboard-1 (ms98), OpenSLR 5",
    licence="released by ISIP, Mississippi State University, without licence restrictions",
)
