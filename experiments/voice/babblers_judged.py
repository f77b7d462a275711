"""Is what ships babble? Six samples of ten seconds of each speaker, judged beside real speech of the same one.

    python -m experiments.launch babblers_judged

Five minutes, two of which train the small voice of `babble demo --train`, which stands beside it as what bad looks
like. Each sample is drawn at the voice's own temperature, with phrases and pauses as its speaker's recordings have
them, and stands beside the 5th to 95th percentile of held-out pieces (`speech_reference`). Blocks of 20 ms are timed on
one core.
"""

from experiments.pipelines.judging import JudgedExperiment

EXPERIMENT = JudgedExperiment(
    "babblers", {"man": "festvox-ru", "woman": "asterisk-core-sounds-ru-g722"}, small="festvox-ru"
)
