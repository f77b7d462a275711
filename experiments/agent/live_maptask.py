"""A live agent with the timing of Map Task, beside the dialogues of held-out quads.

    BABBLE_CORPORA=CORPORA python -m experiments.launch live_maptask

Takes five minutes on two cores. Only recordings, with a floor fitted on the other quads. Expected:
`results/live_maptask.json`.
"""

from experiments.pipelines.live import LiveExperiment

EXPERIMENT = LiveExperiment(
    corpus="maptask", preset="maptask-no-eye-contact", only_recorded=True, rescaled=256
)
