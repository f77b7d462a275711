"""What the speakers of the voice that ships do when they are asked for a prosody: measured against asked.

    python -m experiments.launch control_babblers

20 utterances of 2.5 s in 18 settings for each of two speakers, half an hour of babble: ten minutes on a core. Each
setting is kept in the folder of the run, so that an interrupted one goes on. Expected: slopes of 1 for level and
effort, which are a gain and a filter, of 0.75 to 0.8 for pitch, 0.55 for its range and 0.3 for the rate, which the
voice is conditioned on; three in four final rises and falls in their direction.
"""

from experiments.pipelines.prosody import ProsodyExperiment

EXPERIMENT = ProsodyExperiment("babblers")
