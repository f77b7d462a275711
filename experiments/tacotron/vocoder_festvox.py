"""A vocoder of one man (festvox-ru): the SampleRNN of the voice that ships, told 80 bands of mel.

    python -m experiments.launch vocoder_festvox --from FOLDER

FOLDER is the unpacked voice of the Debian package festvox-ru (.../voices/russian/msu_ru_nsh_clunits); without --from
the package is fetched, 180 MB. Two parts, each of about an hour on one core, and a quarter of an hour for the
scores of the voice that is left in the run's folder `voice`. `--until training` ends after the first part; `--first
falling --start VOICE` makes the second from the voice that it left. An interrupted run is resumed by the same command.
Expected: no figure yet. The floor is Griffin-Lim from the same mel, the ceiling are quantized copies of the recordings.

The noise on past samples is the only setting against errors that accumulate, and what leaves a hiss over all voiced
sounds: a voice that was trained on past samples with noise takes the rest that its own draws leave for noise, and draws
wider. The voice that ships needs noise of up to 8 levels, since its units say little of the waveform. Mel says every
10 ms how loud each band is, and WaveNet in Tacotron 2 is trained without any noise, on 24 hours of speech. Here it is a
quarter in the first part: in half of the steps its deviation is below a quarter of a level, of which rounding leaves
next to nothing, and its root mean square is 0.8 levels (LPCNet, arXiv 1810.11846, goes up to 1.7). In the second part,
in which the learning rate falls to 2 % and the fine structure is learned, it is halved again. `bias_5000` measures the
hiss; `--parts.falling.noise 0` is the experiment without.
"""

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.voice.presets import VOCODER_PRESET
from experiments.pipelines.parts import Part
from experiments.pipelines.vocoder import VocoderExperiment

LEARNING_RATE, NOISE = 2e-3, VOCODER_PRESET.config.noise

EXPERIMENT = VocoderExperiment(
    model=VOCODER_PRESET.config.model,
    quantizer=VOCODER_PRESET.config.quantizer,
    batch_size=VOCODER_PRESET.config.batch_size,
    parts={
        "training": Part(6_000, OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=200), 1024, NOISE),
        "falling": Part(
            6_000,
            OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=100, decay_steps=6_000),
            1024,
            NOISE / 2,
        ),
    },
)
