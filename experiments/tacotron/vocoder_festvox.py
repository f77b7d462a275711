"""A vocoder of one man (festvox-ru): the SampleRNN of the voice babblers, told 80 bands of mel.

    python -m experiments.launch vocoder_festvox --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru (.../voices/russian/msu_ru_nsh_clunits); without --from
the package is fetched, 180 MB. Two parts, each of about an hour on one core, and five minutes for the scores of the
voice that is left in the run's folder `voice`. `--until training` ends after the first part; `--first falling --start
VOICE` makes the second from the voice that it left. An interrupted run is resumed by the same command. Beside it stand
Griffin-Lim from the same mel and quantized copies of the recordings. Expected: 3.34 bits per sample of held-out
recordings, and 7.3 phones more of a hundred that the ear which ships mishears than in the recordings (5.2 to 9.5); in
copies by Griffin-Lim and in quantized ones none more.

The noise on past samples is what leaves a hiss over all voiced sounds: a voice that was trained on past samples with
noise takes the rest that its own draws leave for noise, and draws wider. Mel says every 10 ms how loud each band is, so
that less noise than that of the voice babblers was tried first. Copies of 8 recordings, 6 s of each: after 4,753
updates with a quarter of it (deviations of up to 2 levels, 0.8 in the root mean square, where LPCNet, arXiv 1810.11846,
goes up to 1.7) all fell into a full-scale tone of 4 kHz, for 45 to 95 % of the time; after 1,500 more with a half, 4 of
them did, for 3 to 13 %; after 750 more with all of it, none. `bias_5000` measures the hiss.

The voice whose scores stand here came about in that order: 4,753 updates with a quarter and 1,856 with a half of the
noise in place of the first part, then the second part. This file was not run again from scratch.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.voice.presets import VOCODER_PRESET
from experiments.pipelines.parts import Part
from experiments.pipelines.vocoder import VocoderExperiment

LEARNING_RATE, NOISE, STEPS = 2e-3, 4.0, 6_000

EXPERIMENT = VocoderExperiment(
    model=VOCODER_PRESET.config.model,
    quantizer=VOCODER_PRESET.config.quantizer,
    batch_size=VOCODER_PRESET.config.batch_size,
    emphasis=0.85,
    temperature=0.7,
    parts={
        "training": Part(
            STEPS, OptimizerConfig("muon", learning_rate=LEARNING_RATE, warmup_steps=200), 1024, NOISE
        ),
        "falling": Part(
            STEPS,
            OptimizerConfig("muon", learning_rate=LEARNING_RATE, warmup_steps=100, decay_steps=STEPS),
            1024,
            NOISE,
        ),
    },
)
