"""The floor simulator and its baselines on Map Task, against the dialogues of held-out quads.

    BABBLE_CORPORA=CORPORA python -m experiments.launch floor_maptask

Takes two minutes on two cores. Only the corpus differs from `floor_switchboard`. Expected:
`results/floor_maptask.json`.
"""

from experiments.pipelines.floor import FloorExperiment

EXPERIMENT = FloorExperiment(corpus="maptask")
