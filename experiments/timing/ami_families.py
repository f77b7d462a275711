"""Families of floor-transfer offsets on AMI, held out by group.

    BABBLE_CORPORA=CORPORA python -m experiments.launch ami_families

Takes three minutes on two cores. Expected, nats per held-out offset at level ipu and level turn: the mixture of two
Johnson-SU distributions -1.732 and -1.760, split by speaker -1.659 and -1.690. Times have a resolution of
10 ms, so that the nats are those of bins.
"""

from experiments.pipelines.families import FamiliesExperiment

EXPERIMENT = FamiliesExperiment(corpus="ami", by_speaker=True)
