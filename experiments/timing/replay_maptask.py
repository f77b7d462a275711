"""A Map Task conversation replayed with babble, the same with every gap 300 ms longer, and a list of stimuli.

    BABBLE_CORPORA=CORPORA python -m experiments.launch replay_maptask

Takes about 4 minutes on two cores, most of them to train the small voice. Expected, measured from the sound: each gap
is longer by 300 ms within 10 ms; the waveform of every IPU is identical in both; Praat reads each interval to the last
digit, ELAN to half a millisecond. The stimuli are 2 x 3 conditions of 6 items, in 6 lists with 2 catch trials each.
"""

from experiments.pipelines.manipulation import ReplayExperiment

SPEC = """
seconds = 12.0
transfers = 2
items = 6
seed = 1
counterbalance = ["start", "channel", "voice"]

[factors.gap]
short = { shift_gaps = -0.1 }
natural = {}
long = { shift_gaps = 0.3 }

[factors.overlap]
with = {}
without = { remove_overlaps = true }

[catch]
trials = 2
shift_gaps = 3.0
"""

EXPERIMENT = ReplayExperiment(
    corpus="maptask", conversation="q1ec1", start=30.0, seconds=90.0, shift=0.3, spec=SPEC
)
