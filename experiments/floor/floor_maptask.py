"""The floor simulator and its baselines on Map Task, against the dialogues of held-out quads.

    BABBLE_CORPORA=CORPORA python -m experiments.launch floor_maptask

Takes two minutes on two cores. No value but the corpus differs from Switchboard's.
"""

from experiments.pipelines.floor import FloorExperiment

EXPERIMENT = FloorExperiment(corpus="maptask")
