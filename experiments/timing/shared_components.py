"""Components of the family `shared_mixture`, fitted to four corpora at once.

    BABBLE_CORPORA=CORPORA python -m experiments.launch shared_components

Takes a minute on two cores. Expected: the `LOC` and `SCALE` of
`babble_jax/timing/distributions/shared_mixture.py`.
"""

from experiments.pipelines.families import SharedExperiment

EXPERIMENT = SharedExperiment(
    corpora=("switchboard-ms98", "maptask", "ami", "callhome"), components=8, most=8000
)
