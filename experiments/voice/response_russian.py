"""How far the voice that speaks Russian phones follows the pitch that it is told: written on the card of the voice.

    python -m experiments.launch response_russian

20 utterances of 2.5 s in 5 settings: a minute on a core. To be run again when the voice is released anew;
`control_russian` then measures what is asked for with it. Expected: it follows 0.93 of the pitch, 0.34 of its range.
"""

from experiments.pipelines.prosody_response import ResponseExperiment

EXPERIMENT = ResponseExperiment("russian", controls=("pitch", "pitch_range"))
