"""What the voice that speaks Russian phones does when it is asked for a pitch and its range: measured against asked.

    python -m experiments.launch control_russian

20 utterances of 2.5 s in 9 settings: two minutes on a core. The response that `response_russian` has written on the
card of the voice is in force; the utterances are others. Expected: a slope of 1.03 of the
pitch and of 0.77 of its range.
"""

from experiments.pipelines.prosody import ProsodyExperiment

EXPERIMENT = ProsodyExperiment("russian", controls=("pitch", "pitch_range"))
