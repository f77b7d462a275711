"""Speech-likeness of the voice babblers: samples of each speaker, judged beside real speech of the same speaker.

    python -m experiments.launch babblers_judged

Five minutes, two of which train the small voice of `babble demo --train`, an example of a bad voice. Six samples of
ten seconds are generated for each speaker at the voice's own temperature, with phrases and pauses as in the speaker's
recordings. They are compared with the 5th to 95th percentile of held-out pieces (`speech_reference`). Blocks of 20 ms
are timed on one core. Expected: `results/babblers_judged.json`, with nearly all measures within.
"""

from experiments.pipelines.judging import JudgedExperiment

EXPERIMENT = JudgedExperiment(
    "babblers", {"man": "festvox-ru", "woman": "asterisk-core-sounds-ru-g722"}, small="festvox-ru"
)
