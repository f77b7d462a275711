"""A voice of sounds other than speech: 8-bit sounds and four singers, synthesized by this project, in one model.

    python -m experiments.launch voice_other_sounds --work runs

Makes 20 minutes of each of five kinds, which takes three minutes, and trains in two parts, each of about an hour on one
core (at 2.2 updates in a second three quarters of one). An interrupted run is resumed by the same command. `--until
training` ends after the first part; `--first falling --start FOLDER` makes the second from the folder that the first
left (runs/voice_other_sounds/DIGEST/work/training: of it `voice`, `metrics.jsonl` and `config.json` suffice).
`other_sounds_release` writes the voice into the package, `other_sounds_judged` judges it. Expected: no figure yet.

Model, units, activity, padding and noise are those of `voice_babblers`; with less noise a vocoder of this model fell
into a full-scale tone (`vocoder_festvox`). What differs:

- Recordings do not run out, since they are synthesized: `--minutes 40` has twice as many for as many updates. Held-out
  ones say other things by the same sounds.
- The estimator of pitch ends at 400 Hz, where sopranos begin: of their higher notes it hears the octave below, or the
  twelfth. So do the units of this voice, and pitch that is asked of soprano or alto moves what lies below 400 Hz alone.
"""

import dataclasses

from babble_jax.train.config import OptimizerConfig
from experiments.pipelines.parts import Part
from experiments.voice import voice_babblers

LEARNING_RATE, STEPS = 2e-3, 6_000
NOISE, SEGMENT_SHUFFLE = voice_babblers.NOISE, voice_babblers.SEGMENT_SHUFFLE

EXPERIMENT = dataclasses.replace(
    voice_babblers.EXPERIMENT,
    sources=("chip", "opera-soprano", "opera-alto", "opera-tenor", "opera-bass"),
    parts={
        "training": Part(STEPS, OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=200), 1024, NOISE),
        "falling": Part(
            STEPS,
            OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=100, decay_steps=STEPS),
            1024,
            NOISE,
            SEGMENT_SHUFFLE,
        ),
    },
)
