"""Speech-likeness of the voice of four languages: samples of each speaker beside its held-out recordings.

    python -m experiments.launch languages_judged

Samples are those of `babblers_judged`, at the temperature of the voice languages, or of `--voice FOLDER`; ranges are
those of `languages_reference`, of pieces of 10 s. Takes five minutes on one core. Expected: of ten medians within the
ranges ten of the Italian, nine of the English, eight of the Dutch and seven of the German speaker, who has too little
voice. Bits per sample stand in `languages_release`.
"""

from experiments.pipelines.speech_judging import SpeakersJudgedExperiment
from experiments.release import languages_release

EXPERIMENT = SpeakersJudgedExperiment(
    run_name=languages_release.EXPERIMENT.run_name,
    speakers=languages_release.EXPERIMENT.speakers,
    voice=languages_release.EXPERIMENT.name,
)
