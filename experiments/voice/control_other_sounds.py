"""What the speakers of the voice of other sounds do when they are asked for a prosody: measured against asked.

    python -m experiments.launch control_other_sounds

20 utterances of 2.5 s in 22 settings for each of eight speakers: twenty minutes on a core. A response that
`response_other_sounds` has written on the card of the voice would be in force; the utterances are others. Expected:
level and effort as asked for, since they act on the sound, and little of the rest (not run yet).
"""

from experiments.pipelines.prosody import ProsodyExperiment

EXPERIMENT = ProsodyExperiment("other-sounds")
