"""How live seats of the presets that ship make up for hearing late; after `presets`, which writes presets without.

    BABBLE_CORPORA=CORPORA python -m experiments.launch policies

Writes policies and distributions of pauses into `babble_jax/presets/timing/*.json`. Takes about ten minutes for
each preset on one core. A preset begins from the policies that it has, or else from those of Switchboard. Expected:
`results/policies.json`.

The policies of Switchboard that ship were fitted without the features of the timing Turing test, but for that of
0.08 s: it lies six tenths of the way from the one so fitted to the one fitted with them, chosen by seeds that the fits
have not seen. Those of Map Task that ship were fitted at 0, 0.08 and 0.16 s and are Switchboard's from 0.24 s on; the
presets of CALLHOME and AMI have none and take Switchboard's.
"""

from experiments.pipelines.policies import PoliciesExperiment

EXPERIMENT = PoliciesExperiment(
    presets=(
        "switchboard",
        "maptask-eye-contact",
        "maptask-no-eye-contact",
        "callhome-english",
        "callhome-spanish",
        "callhome-german",
        "callhome-japanese",
        "callhome-mandarin",
    ),
    words={
        "switchboard": "switchboard-ms98",
        "maptask-eye-contact": "maptask",
        "maptask-no-eye-contact": "maptask",
    },
    third={"maptask-eye-contact": "e", "maptask-no-eye-contact": "n"},
)
