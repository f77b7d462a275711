"""The voice that ships: released from the run of `voice_babblers`, and scored.

    python -m experiments.launch voice_babblers && python -m experiments.launch babblers_released

Five minutes. From the latest part of the run, as far as it has come. Its temperature is what sounded most like speech
(`babblers_judged`): at 1 two of his six samples were voiced as much as his speech, at 0.9 five of them.
"""

from experiments import voice_babblers
from experiments.kinds_release import ReleaseExperiment

EXPERIMENT = ReleaseExperiment(
    name="babblers",
    run_of=voice_babblers.EXPERIMENT,
    run_name="voice_babblers",
    speakers={"festvox-ru": "man", "asterisk-core-sounds-ru-g722": "woman"},
    source="festvox-ru (Nickolay V. Shmyrev); Asterisk's Russian core sounds (Maxim Topal, ivrvoice.ru)",
    temperature=0.9,
    licence="weights: Apache-2.0; recordings: permissive, and CC BY 3.0 (see NOTICE)",
)
