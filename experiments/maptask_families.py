"""Families of floor-transfer offsets on Map Task, held out by group.

    BABBLE_CORPORA=CORPORA python -m experiments.launch maptask_families

Takes a minute on two cores. Expected, nats per held-out offset: Johnson-SU about -0.93 at level ipu. Only 3 of the 16
quads are held out, so that the intervals are rough.
"""

from experiments.kinds_families import FamiliesExperiment

EXPERIMENT = FamiliesExperiment(corpus="maptask")
