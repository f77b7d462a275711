"""The vocoder of one man trained further on the mels that Tacotron 2 predicts of the recordings.

    python -m experiments.launch vocoder_predicted_festvox --from FOLDER --synthesizer MODEL --start VOICE

FOLDER is that of `vocoder_festvox`, MODEL the folder of a model from phones to spectrograms (`synthesizer` of
`tacotron2_festvox`), VOICE that of a vocoder of true mels (`voice` of `vocoder_festvox`). One part of about an hour on
one core, and before it half an hour in which the spectrograms are predicted. Expected: no figure yet with pre-emphasis,
and with a model that is sharp (`tacotron2_festvox_forced`). Before both it was worse than the vocoder that it started
from, from true mels (32 of a hundred phones misheard more than in the recordings, in place of 12, of 10 recordings) and
from predicted ones (42, in place of 33); DNSMOS rated copies from predicted mels 2.99, as before 2.98. So the voice
russian does without it.

Shen et al. 2018 (arXiv 1712.05884, section 2.3) train their vocoder on what the first network predicts with the true
frames as the last ones, and find it better at speaking that network's mels, and worse at speaking true ones (table 2).
The scores have both: copies from true mels, and from predicted ones.
"""

import dataclasses

from babble_jax.train.config import OptimizerConfig
from experiments.pipelines.parts import Part
from experiments.tacotron.vocoder_festvox import EXPERIMENT as VOCODER

STEPS = 6000

EXPERIMENT = dataclasses.replace(
    VOCODER,
    predicted=True,
    parts={
        "predicted": Part(
            STEPS,
            OptimizerConfig(learning_rate=5e-4, warmup_steps=100, decay_steps=STEPS),
            1024,
            VOCODER.parts["falling"].noise,
        )
    },
)
