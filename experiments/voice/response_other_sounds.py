"""How far the speakers of the voice of other sounds follow what they are conditioned on: written on its card.

    python -m experiments.launch response_other_sounds

20 utterances of 2.5 s in 10 settings for each of eight speakers: eight minutes on a core. To be run again when the
voice is released anew; `control_other_sounds` then measures what is asked for with it. Expected: TODO.
"""

from experiments.pipelines.prosody_response import ResponseExperiment

EXPERIMENT = ResponseExperiment("other-sounds")
