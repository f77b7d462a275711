"""How far the speakers of the voice of other sounds follow what they are conditioned on: written on its card.

    python -m experiments.launch response_other_sounds

20 utterances of 2.5 s in 10 settings for each of eight speakers: eight minutes on a core. To be run again when the
voice is released anew; `control_other_sounds` then measures what is asked for with it. Expected: these speakers hardly
follow. Of the pitch, bass 0.65, tenor 0.34, alto and piano 0.26, the others less; of its range nobody but chip, whose
pitch is hardly heard; of the rate sax 0.39, bass 0.30, creature 0.26. The card of other-sounds has no response
for that reason: there is little to make up for until it has learned more.
"""

from experiments.pipelines.prosody_response import ResponseExperiment

EXPERIMENT = ResponseExperiment("other-sounds")
