"""The voice that ships: released from the run of `voice_babblers`, scored, judged and timed.

    python -m experiments.launch voice_babblers && python -m experiments.launch babblers_released

Ten minutes. From the latest part of the run, as far as it has come. Six samples of ten seconds of each speaker are
judged beside held-out speech of the same speaker (`speech_reference`); blocks of 20 ms are timed on one core.
"""

from experiments import voice_babblers
from experiments.kinds_release import ReleaseExperiment

EXPERIMENT = ReleaseExperiment(
    name="babblers",
    run_of=voice_babblers.EXPERIMENT,
    run_name="voice_babblers",
    speakers={"festvox-ru": "man", "asterisk-core-sounds-ru-g722": "woman"},
    source="festvox-ru (Nickolay V. Shmyrev); Asterisk's Russian core sounds (Maxim Topal, ivrvoice.ru)",
    licence="weights: Apache-2.0; recordings: permissive, and CC BY 3.0 (see NOTICE)",
)
