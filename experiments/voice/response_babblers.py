"""How far the speakers of the voice babblers follow what they are conditioned on: written on the card of the voice.

    python -m experiments.launch response_babblers

20 utterances of 2.5 s in 10 settings for each of two speakers: two minutes on a core. To be run again when the voice is
released anew; `control_babblers` then measures what is asked for with it. Expected: woman and man follow
0.73 and 0.80 of the pitch, 0.55 and 0.53 of its range, half of the rate, 0.64 and 0.53 of a final movement.
"""

from experiments.pipelines.prosody_response import ResponseExperiment

EXPERIMENT = ResponseExperiment("babblers")
