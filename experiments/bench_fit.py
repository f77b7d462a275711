"""Time of the fit of each family on a quarter, a half and all of Switchboard's 176,000 offsets.

    BABBLE_CORPORA=CORPORA python -m experiments.launch bench_fit

Takes four minutes on two cores. Expected: twice the offsets take at most about twice the time.
"""

from experiments.kinds_families import BenchFit

EXPERIMENT = BenchFit(corpus="switchboard-ms98")
