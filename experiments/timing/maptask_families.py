"""Families of floor-transfer offsets on Map Task, held out by group.

    BABBLE_CORPORA=CORPORA python -m experiments.launch maptask_families

Takes four minutes on two cores. Expected: Johnson-SU about -0.93 nats per held-out offset at level ipu, and -0.88
cross-validated. Only 3 of the 16 quads are held out by the split, so that its intervals are wide; the
cross-validation scores the offsets of each quad once. The components of the shared mixture were fitted on the training
groups of the split, so that in the cross-validation they have seen most quads.
"""

from experiments.pipelines.families import FamiliesExperiment

EXPERIMENT = FamiliesExperiment(corpus="maptask", cross=True)
