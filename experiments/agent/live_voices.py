"""A live agent with each speaker of each voice that ships, in talk with the same simulated people: times and sound.

    python -m experiments.launch live_voices

Takes twelve minutes on one core: two dialogues of two minutes with each speaker, which are kept in the folder
of the run, so that an interrupted one goes on; a voice whose files have changed is measured anew. Another voice is
measured with `--voices FOLDER`. Expected: offsets like those of the clicks with every voice that sounds throughout its
IPUs, the first sound within 5 ms of the decision in 95 % of the IPUs, a level of -26 dB, and no hop that is late while
it is to sound but some in ten thousand of the voice that speaks phones.
"""

from experiments.pipelines.live_voices import LiveVoicesExperiment

EXPERIMENT = LiveVoicesExperiment(timing="switchboard", dialogues=2, seconds=120.0)
