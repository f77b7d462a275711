"""A live agent with each speaker of each voice that ships, in talk with the same simulated people: times and sound.

    python -m experiments.launch live_voices

Takes half an hour on one core: two dialogues of five minutes with each speaker. Each dialogue is kept in the folder of
the run, so that an interrupted one goes on; a voice whose files have changed is measured anew. Measures another voice
with `--voices FOLDER`. Expected: offsets like those of the clicks with every voice that sounds throughout its IPUs, the
first sound within 5 ms of the decision, a level of -26 dB, no hop later than 20 ms but some of the voice that speaks
phones.
"""

from experiments.pipelines.live_voices import LiveVoicesExperiment

EXPERIMENT = LiveVoicesExperiment(timing="switchboard", dialogues=2, seconds=300.0)
