"""The floor simulator and its baselines on CALLHOME Japanese, against held-out calls.

    BABBLE_CORPORA=CORPORA python -m experiments.launch floor_japanese

Takes two minutes on two cores. No value but the corpus differs from Switchboard's.
"""

from experiments.pipelines.floor import FloorExperiment

EXPERIMENT = FloorExperiment(corpus="callhome/CallHomeJapanese")
