"""Families of floor-transfer offsets on Switchboard, held out by call.

    BABBLE_CORPORA=CORPORA python -m experiments.launch switchboard_families

Takes a few minutes on two cores. Expected, nats per held-out offset: Johnson-SU about -0.59 at level ipu and -0.76 at
level turn, the normal about -0.73 and -0.88.
"""

from experiments.kinds_families import FamiliesExperiment

EXPERIMENT = FamiliesExperiment(corpus="switchboard-ms98")
