"""The floor simulator and its baselines on CALLHOME Japanese, against held-out calls.

    BABBLE_CORPORA=CORPORA python -m experiments.launch floor_japanese

Takes two minutes on two cores. Only the corpus differs from `floor_switchboard`. Expected:
`results/floor_japanese.json`.
"""

from experiments.pipelines.floor import FloorExperiment

EXPERIMENT = FloorExperiment(corpus="callhome/CallHomeJapanese")
