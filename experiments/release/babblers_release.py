"""Exports the voice babblers from the run of `voice_babblers`, and scores it.

    python -m experiments.launch voice_babblers && python -m experiments.launch babblers_release

A quarter of an hour on one core. The voice is the latest of the run, finished or not. Its temperature is 1: of 48
samples of each speaker (with other seeds than in `babblers_judged`), 96 % of the man's eight measures were within the
range of his speech, and 97 % of the woman's; at 0.96 it was 96 % of both. Of pieces of that speech itself 90 % are
within, by the definition of the ranges. Expected: `results/babblers_release.json`.
"""

from experiments.pipelines.release import ReleaseExperiment
from experiments.voice import voice_babblers

EXPERIMENT = ReleaseExperiment(
    name="babblers",
    run_of=voice_babblers.EXPERIMENT,
    run_name="voice_babblers",
    speakers={"festvox-ru": "man", "asterisk-core-sounds-ru-g722": "woman"},
    kinds={"woman": "speech", "man": "speech"},
    languages={"woman": "ru", "man": "ru"},
    source="festvox-ru (Nickolay V. Shmyrev); Asterisk's Russian core sounds (Maxim Topal, ivrvoice.ru)",
    temperature=1.0,
    licence="weights: Apache-2.0; recordings: permissive, and CC BY 3.0 (see NOTICE)",
)
