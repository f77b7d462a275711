"""Families of floor-transfer offsets on AMI, held out by group.

    BABBLE_CORPORA=CORPORA python -m experiments.launch ami_families

Takes three minutes on two cores. Expected, nats per held-out offset: see the results; times are on
a grid of 10 ms, so that nats are of cells. Names are of people: a
second table splits by speaker.
"""

from experiments.kinds_families import FamiliesExperiment

EXPERIMENT = FamiliesExperiment(corpus="ami", by_speaker=True)
