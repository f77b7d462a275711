"""What the speakers of the voice that ships do when they are asked for a prosody: measured against asked.

    python -m experiments.launch control_babblers

20 utterances of 2.5 s in 18 settings for each of two speakers, half an hour of babble: ten minutes on a core. Each
setting is kept in the folder of the run, so that
an interrupted one goes on. Expected: `results/control_babblers.json` and the table on the page of control. Level and
effort act as they are asked, since they are a gain and a filter; pitch, its range and rate by conditioning, as far as
the voice follows.
"""

from experiments.pipelines.prosody import ProsodyExperiment

EXPERIMENT = ProsodyExperiment("babblers")
