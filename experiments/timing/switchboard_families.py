"""Families of floor-transfer offsets on Switchboard, held out by call.

    BABBLE_CORPORA=CORPORA python -m experiments.launch switchboard_families

Takes two minutes on two cores. Expected, nats per held-out offset at level ipu and level turn: Johnson-SU -0.594 and
-0.775; the mixtures of two Johnson-SU and of five normal distributions about 0.002 above it and not significantly
apart; the normal -0.75 and -0.92.
"""

from experiments.pipelines.families import FamiliesExperiment

EXPERIMENT = FamiliesExperiment(corpus="switchboard-ms98")
