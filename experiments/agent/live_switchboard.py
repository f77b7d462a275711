"""A live agent with the timing of Switchboard, beside held-out calls and in dialogue with a simulated partner.

    BABBLE_CORPORA=CORPORA python -m experiments.launch live_switchboard

Takes a quarter of an hour on two cores. The floor beside recordings is fitted on the training calls, by the split of
`floor_switchboard`; the agent in dialogue is the preset's. Expected: `results/live_switchboard.json`.
"""

from experiments.pipelines.live import LiveExperiment

EXPERIMENT = LiveExperiment(
    corpus="switchboard-ms98", preset="switchboard", calls=454, dialogues=1152, other_corpus="maptask"
)
