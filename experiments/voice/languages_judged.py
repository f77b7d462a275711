"""Speech-likeness of the voice of four languages: samples of each speaker beside its held-out recordings.

    python -m experiments.launch languages_judged --collections collections

Makes the data set of `voice_languages` again and takes the held-out recordings, in pieces of 10 s. Samples and ranges
are those of `babblers_judged`, at the temperature of the voice that ships, or of `--voice FOLDER`. Takes a quarter of
an hour on one core. Expected: of ten medians within the ranges ten of the Italian, nine of the English, eight of the
Dutch and seven of the German speaker, who has too little voice. Bits per sample stand in `languages_release`.
"""

from experiments.pipelines.speech_judging import SpeakersJudgedExperiment
from experiments.release import languages_release

EXPERIMENT = SpeakersJudgedExperiment(
    run_of=languages_release.EXPERIMENT.run_of,
    run_name=languages_release.EXPERIMENT.run_name,
    speakers=languages_release.EXPERIMENT.speakers,
    voice=languages_release.EXPERIMENT.name,
)
