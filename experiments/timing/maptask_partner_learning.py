"""What learning a partner's effects in the session gains, on Map Task: people whom the floor has not seen.

    BABBLE_CORPORA=CORPORA python -m experiments.launch maptask_partner_learning

Takes three minutes on one core. Expected: `results/maptask_partner_learning.json`.
"""

from experiments.pipelines.partner_learning import PartnerLearningExperiment

EXPERIMENT = PartnerLearningExperiment("maptask")
