"""A voice of sounds other than speech: 8-bit sounds and four singers, synthesized by this project, in one model.

    python -m experiments.launch voice_other_sounds --work runs

Makes 20 minutes of each of five kinds, which takes three minutes, and trains in two parts, each of about an hour on one
core (at 2.2 updates in a second three quarters of one). An interrupted run is resumed by the same command. `--until
training` ends after the first part; `--first falling --start FOLDER` makes the second from the folder that the first
left (runs/voice_other_sounds/DIGEST/work/training: of it `voice`, `metrics.jsonl` and `config.json` suffice).
`other_sounds_release` writes the voice into the package, `other_sounds_judged` judges it. Expected: no figure yet.

Model, units, activity and padding are those of `voice_babblers`. What differs:

- Noise on past samples of at most 2 levels, and of 1 in the second part, in place of 8: the tones are clean, so that a
  hiss would be heard. Without any, a voice of three tiers fell into a full-scale tone. `--parts.falling.noise` and
  `--parts.training.noise` set it.
- Recordings do not run out, since they are synthesized: `--minutes 40` has twice as many for as many updates. Held-out
  ones say other things by the same sounds.
- The estimator of pitch ends at 400 Hz, where sopranos begin: of their higher notes it hears the octave below, or the
  twelfth. So do the units of this voice, and pitch that is asked of soprano or alto moves what lies below 400 Hz alone.
"""

import dataclasses

from babble_jax.train.config import OptimizerConfig
from experiments.pipelines.parts import Part
from experiments.voice import voice_babblers

LEARNING_RATE, STEPS, NOISE, SEGMENT_SHUFFLE = 2e-3, 6_000, 2.0, 0.5

EXPERIMENT = dataclasses.replace(
    voice_babblers.EXPERIMENT,
    sources=("chip", "opera-soprano", "opera-alto", "opera-tenor", "opera-bass"),
    parts={
        "training": Part(STEPS, OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=200), 1024, NOISE),
        "falling": Part(
            STEPS,
            OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=100, decay_steps=STEPS),
            1024,
            NOISE / 2,
            SEGMENT_SHUFFLE,
        ),
    },
)
