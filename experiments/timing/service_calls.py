"""The agent of two service calls beside people of Switchboard and of the Map Task.

    BABBLE_CORPORA=CORPORA python -m experiments.launch service_calls

The calls are role-played by people, 8 minutes together, with the agent on the left channel. Takes two minutes on two
cores. Expected: beside Switchboard the agent's median offset, 424 ms, lies above the range of 95 % of people, and 23
of 28 measures lie within theirs; beside the Map Task without eye contact all do but the rates of
answers, which are lower.
"""

from experiments.pipelines.speaker import SpeakerExperiment

EXPERIMENT = SpeakerExperiment(
    recordings="conversation-audio/calls",
    speaker="A",
    presets=("switchboard", "maptask-no-eye-contact"),
)
