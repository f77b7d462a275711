"""A vocoder of one man (festvox-ru): the SampleRNN of the voice babblers, told 80 bands of mel.

    python -m experiments.launch vocoder_festvox --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru (.../voices/russian/msu_ru_nsh_clunits); without --from
the package is fetched, 180 MB. Two parts, each of about an hour on one core, and five minutes for the scores of the
voice that is left in the run's folder `voice`. `--until training` ends after the first part; `--first falling --start
VOICE` makes the second from the voice that it left. An interrupted run is resumed by the same command. Beside it stand
Griffin-Lim from the same mel and quantized copies of the recordings. Expected: 5.3 phones more of a hundred that the
ear which ships mishears than in the recordings (3.6 to 7.0), in copies by Griffin-Lim and in quantized ones none more;
a mel distance of 5.7 dB.

Past samples with noise keep a voice from falling into a tone, and leave a hiss: who is trained on them takes the rest
that its own draws leave for noise, and draws wider. Without pre-emphasis, copies of 8 recordings, 6 s of each, went so:
after 4,753 updates with deviations of up to 2 levels all fell into a full-scale tone of 4 kHz, for 45 to 95 % of the
time; after 1,500 more with 4 levels, 4 of them did, for 3 to 13 %; after 750 more with 8, none. After 5,000 more the
ear misheard 7.3 phones more (5.2 to 9.5), and of voiced frames the draws lay 20.6 dB below the sound, where the samples
themselves could have been predicted at 23.1. Pre-emphasis makes noise of the same levels smaller (`audio.emphasis`), so
that 4 levels are enough: from that voice on, by Muon, came the one whose scores stand here, in 6,000 updates. Energy
above 6.5 kHz is 3 to 12 dB too high in it, and was 12 to 24. This file was not run from scratch.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.voice.presets import VOCODER_PRESET
from experiments.pipelines.parts import Part
from experiments.pipelines.vocoder import VocoderExperiment

LEARNING_RATE, NOISE, STEPS = 2e-3, VOCODER_PRESET.config.noise, 6_000

EXPERIMENT = VocoderExperiment(
    model=VOCODER_PRESET.config.model,
    quantizer=VOCODER_PRESET.config.quantizer,
    batch_size=VOCODER_PRESET.config.batch_size,
    emphasis=VOCODER_PRESET.config.emphasis,
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
