"""What context gains on held-out Switchboard when only what a live agent can see counts; the models that ship.

    BABBLE_CORPORA=CORPORA python -m experiments.launch switchboard_context_causal

Takes seven minutes on two cores. Expected gain in nats per offset over one Johnson-SU law for all, networks of all
covariates on top of the filter: 0.093 (standard error by calls .004) at level ipu and 0.086 (.005) at level turn;
without the filter 0.065 and 0.061; the filter alone, in a network, 0.073 and 0.068. For an agent that sees the end
coming (mode projected) 0.207 and 0.216. Another seed changes a gain by 0.0005, so that most covariates beside all
others are worth no more than chance: the taker's silence is what counts.

The table is in results/switchboard_context_causal.json. The models in babble_jax/presets/sequential are the files
that this leaves in runs/switchboard_context_causal.
"""

from experiments.pipelines.prediction import ContextExperiment

EXPERIMENT = ContextExperiment(
    corpus="switchboard-ms98",
    mode="causal",
    also=("projected",),
    source="Mississippi State word alignments of Switchboard-1 (ms98), OpenSLR 5",
    licence="released by ISIP, Mississippi State University, without licence restrictions",
)
