"""The voice babblers: a man (festvox-ru) and a woman (Asterisk's Russian prompts) in one model at 16 kHz.

    python -m experiments.launch voice_babblers --work /tmp/runs

Six to seven hours on one core; an interrupted run is resumed by the same command. Expected: 3.085 bits per sample of
the validation split. The first part has a constant learning rate. In the second the rate falls to 2 % of it, and half
of the recordings are put together from segments in another order: before that, the voice followed its own past more
than its conditioning, and spoke on through pauses. The third is a short part at a low rate. The last part, by Muon
with updates of half the samples, brought the validation split from 3.168 to 3.138 bits per sample.

Reasons for the choices:

- Top frames of 4 ms, since a syllable must fit into the memory of the top tier.
- A dim at which float16 weights stay under 4 MB and one core speaks faster than real time.
- Conditioning on speech activity, from the phone labels of festvox-ru and the energy of the prompts, with 0.2 s of
  silence around every recording.
- Conditioning on pitch beside units: with units alone, the man's voice came out at 200 Hz.
- Conditioning on level: the error of the level, with the units of held-out speech, fell from 5.3 to 4.0 dB (man) and
  from 6.8 to 4.6 dB (woman).
- Noise on the past samples, mostly small and rarely large. Without noise, a voice of three tiers at 16 kHz fell into
  a full-scale tone within seconds in 8 of 8 streams. Uniform noise of at most one level gave 3.034 bits, but hiss of
  4 to 9 dB too much in her voiced sounds and at the beginnings of phrases. Uniform noise of at most two levels gave
  3.138 bits and spectra without deep valleys. The present noise gives 3.085 bits.
- The woman's recordings are read three times a pass.

The voice of the release was trained while the code grew, in the twelve parts of `results/babblers_release.json`. Pitch
was added in the middle of the second part here, the breaking of sounds into silences in the seventh; the eighth and
later ones are by Muon. The level was added in the ninth, units of speech alone in the tenth; the last two differ in
noise: at most one level, then the present one. This file was not run again from scratch.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.voice.presets import BABBLERS_PRESET
from experiments.pipelines.babbler import BabblerExperiment
from experiments.pipelines.parts import Part

LEARNING_RATE, NOISE, SEGMENT_SHUFFLE = 2e-3, 8.0, 0.5

EXPERIMENT = BabblerExperiment(
    sources=("festvox-ru", "asterisk-core-sounds-ru-g722"),
    sample_rate=16_000,
    pad=0.2,
    model=BABBLERS_PRESET.config.model,
    quantizer=BABBLERS_PRESET.config.quantizer,
    units=BABBLERS_PRESET.config.units,
    batch_size=BABBLERS_PRESET.config.batch_size,
    parts={
        "training": Part(15_500, OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=200), 1024, NOISE),
        "falling": Part(
            13_500,
            OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=100, decay_steps=13_500),
            1024,
            NOISE,
            SEGMENT_SHUFFLE,
        ),
        "settling": Part(
            5_000,
            OptimizerConfig(learning_rate=7e-4, warmup_steps=100, decay_steps=5_000),
            1024,
            NOISE,
            SEGMENT_SHUFFLE,
        ),
        "muon": Part(
            15_000,
            OptimizerConfig(kind="muon", learning_rate=3e-3, warmup_steps=100, decay_steps=15_000),
            512,
            NOISE,
            SEGMENT_SHUFFLE,
        ),
    },
)
