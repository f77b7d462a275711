"""The floor simulator and its baselines on Switchboard (MS98 word times), against held-out calls.

    BABBLE_CORPORA=CORPORA python -m experiments.launch floor_switchboard

Takes about ten minutes. Expected: no row in which a baseline is significantly nearer; spread between calls within 0.8
to 1.25 of the real one in all rows; correlations and backchannels nearer to the real ones than every baseline's.
"""

from experiments.pipelines.floor import FloorExperiment

EXPERIMENT = FloorExperiment(corpus="switchboard-ms98")
