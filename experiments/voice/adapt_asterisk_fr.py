"""Adapts the babblers to 1, 3 and 10 minutes of a woman whom no voice has heard, and trains from scratch beside it.

    python -m experiments.launch adapt_asterisk_fr --work /tmp/runs

Two hours on one core: three amounts of recordings, 30 minutes of updates each, judged before them and after 10 and 30
minutes, and 10 minutes from scratch for three minutes of recordings; an interrupted run goes on. The speaker reads the
French prompts of Asterisk (CC BY-SA 3.0), which are fetched for the measurement and go into no voice that ships. Five
minutes of them are the reference and are not trained on. Expected: with three minutes of recordings all ten measures
within the range of her speech after 10 minutes of updates, with one minute nine, and ten after 30; nine samples in ten
or all nearer to her than to the two speakers of the babblers; from scratch four measures, and no sample.
"""

from experiments.pipelines.adaptation import AdaptationExperiment
from experiments.voice.voice_babblers import LEARNING_RATE

EXPERIMENT = AdaptationExperiment(
    source="asterisk-core-sounds-fr-g722",
    voice="babblers",
    references=("festvox-ru", "asterisk-core-sounds-ru-g722"),
    recorded=(1.0, 3.0, 10.0),
    minutes=(10.0, 30.0),
    scratch=(3.0,),
    scratch_minutes=(10.0,),
    learning_rate=LEARNING_RATE,
)
"""The training from scratch has the rate of the babblers' first part."""
