"""Speech-likeness of the voice that speaks phones, beside held-out speech of the same man.

    python -m experiments.launch second_voice_judged --voice FOLDER

FOLDER is the voice that `second_voice` joins, or its name. Samples and ranges are those of `babblers_judged`. Takes
10 minutes on one core. Expected: of ten medians eight within the range.
"""

from experiments.pipelines.judging import VoiceJudgedExperiment

EXPERIMENT = VoiceJudgedExperiment({"": "festvox-ru"}, voice="russian")
