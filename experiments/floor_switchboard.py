"""The floor simulator and its baselines on Switchboard (MS98 word times), against held-out calls.

    BABBLE_CORPORA=CORPORA python -m experiments.launch floor_switchboard

Takes about ten minutes on two cores. Expected: spread between calls within 0.8 to 1.25 of the real one for rates of all
events; lag-2 correlations and backchannels nearer to the real ones than every baseline's.
"""

from experiments.kinds_floor import FloorExperiment

EXPERIMENT = FloorExperiment(corpus="switchboard-ms98")
