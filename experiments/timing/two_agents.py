"""Two agents that hear each other as sound alone, for an hour: 12 pairs of people, five minutes each.

    python -m experiments.launch two_agents

Takes a quarter of an hour on one core. Expected: the events of the simulator's own dialogues of the same people, but
for what the delay of hearing costs.
"""

from experiments.pipelines.two_agents import TwoAgentsExperiment

EXPERIMENT = TwoAgentsExperiment(timing="switchboard", dialogues=12, seconds=300.0)
