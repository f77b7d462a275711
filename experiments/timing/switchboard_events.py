"""Events of Switchboard (MS98 word times, 2,194 calls).

    BABBLE_CORPORA=CORPORA python -m experiments.launch switchboard_events

Takes half a minute on two cores. Expected: offsets at level ipu with a median near 105 ms, 38 % below zero, 62 % below
200 ms; per minute 28 IPUs, 13 pauses, 7.8 gaps, 4.7 overlaps between speakers and 2.7 within a speaker's turn.
"""

from experiments.pipelines.events import EventsExperiment

EXPERIMENT = EventsExperiment(corpus="switchboard-ms98")
