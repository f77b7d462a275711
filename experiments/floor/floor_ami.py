"""The floor simulator on AMI meetings of four people, against the meetings of held-out series.

    BABBLE_CORPORA=CORPORA python -m experiments.launch floor_ami

Takes three minutes on two cores. The semi-Markov process and the chain model two speakers only and are left out.
Expected: `results/floor_ami.json`.
"""

from experiments.pipelines.floor import FloorExperiment

EXPERIMENT = FloorExperiment(corpus="ami")
