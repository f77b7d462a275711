"""The voice of other sounds beside its own recordings: when it sounds, its pitch, its spectrum, its hiss, loops.

    python -m experiments.launch other_sounds_judged

Makes the recordings of `voice_other_sounds` again and takes the held-out ones, in pieces of 10 s: four minutes of each
speaker. Six samples of 10 s of each speaker of other-sounds, or of `--voice FOLDER`, are measured beside them,
and as a share within the ranges 32 others. The same share of recordings of the other speakers says how much the ranges
tell apart; of recordings of the speaker 90 % lie within each two-sided range, by its definition. Takes a quarter of an
hour on one core. Expected: of singers and piano when and how long they sound is within the ranges, of none the
spectral distance but the creature's. Bits per sample stand in `other_sounds_release`.
"""

from experiments.pipelines.sound_judging import SoundsJudgedExperiment
from experiments.release import other_sounds_release

EXPERIMENT = SoundsJudgedExperiment(
    run_of=other_sounds_release.EXPERIMENT.run_of,
    speakers={
        source: name
        for source, name in other_sounds_release.EXPERIMENT.speakers.items()
        if source not in other_sounds_release.EXPERIMENT.left_out
    },
    voice=other_sounds_release.EXPERIMENT.name,
)
