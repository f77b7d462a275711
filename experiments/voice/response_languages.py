"""How far the speakers of the voice of four languages follow what they are conditioned on: written on its card.

    python -m experiments.launch response_languages

20 utterances of 2.5 s in 10 settings for each of four speakers: four minutes on a core. To be run again when the voice
is released anew; `control_languages` then measures what is asked for with it. Expected: Italian,
English, German and Dutch follow 0.69, 0.84, 0.41 and 0.87 of the pitch, 0.37, 0.59, 0.39 and 0.59 of its range.
"""

from experiments.pipelines.prosody_response import ResponseExperiment

EXPERIMENT = ResponseExperiment("languages")
