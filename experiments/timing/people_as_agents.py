"""Real people beside people who are simulated from the presets of their corpora.

    BABBLE_CORPORA=CORPORA python -m experiments.launch people_as_agents

Takes three minutes on two cores. Expected: by measure, 85 to 100 % of the people of Switchboard and of the Map Task lie
within the range of 95 % of simulated people, 93 to 96 % on average.
"""

from experiments.pipelines.speaker import PeopleExperiment

EXPERIMENT = PeopleExperiment(
    corpora={
        "switchboard": "switchboard-ms98",
        "maptask-eye-contact": "maptask",
        "maptask-no-eye-contact": "maptask",
    }
)
