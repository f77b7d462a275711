"""Small parts of Map Task, shrunk towards Switchboard: the gain over fitting alone and over the preset as it is.

    BABBLE_CORPORA=CORPORA python -m experiments.launch maptask_small_corpora

Takes 40 minutes on one core. Twenty draws: five times, the 16 quads are held out four at a time, and 1 to 20
conversations of the others are the small corpus. Expected gain with 1, 5 and 20 conversations, nats: over Switchboard
as it is 0.14, 0.19 and 0.20 per offset between IPUs, and 0.3, 1.8 and 2.8 per minute of the floor; over the best of
three families fitted alone none per offset (but for one conversation at level turn, where the fit alone can break
down), and 44 and 2.2 per minute of a floor fitted alone to 5 and 20.
"""

from experiments.pipelines.small_corpora import SmallCorporaExperiment

EXPERIMENT = SmallCorporaExperiment(corpus="maptask", prior="switchboard")
