"""The voice that ships: released from the run of `voice_babblers`, and scored.

    python -m experiments.launch voice_babblers && python -m experiments.launch babblers_release

A quarter of an hour on one core. From the latest part of the run, as far as it has come. It speaks at a temperature of
1: of 48 samples of each speaker (of other seeds than `babblers_judged` takes), 96 % of his eight measures lay within
what his speech has, 97 % of hers within what hers has; at 0.96 it was 96 % of both. Of pieces of that speech it is 90 %
or a little more, by what those ranges are.
"""

from experiments.pipelines.release import ReleaseExperiment
from experiments.voice import voice_babblers

EXPERIMENT = ReleaseExperiment(
    name="babblers",
    run_of=voice_babblers.EXPERIMENT,
    run_name="voice_babblers",
    speakers={"festvox-ru": "man", "asterisk-core-sounds-ru-g722": "woman"},
    source="festvox-ru (Nickolay V. Shmyrev); Asterisk's Russian core sounds (Maxim Topal, ivrvoice.ru)",
    temperature=1.0,
    licence="weights: Apache-2.0; recordings: permissive, and CC BY 3.0 (see NOTICE)",
)
