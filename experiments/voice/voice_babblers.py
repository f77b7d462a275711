"""The two voices that ship: a man (festvox-ru) and a woman (Asterisk's Russian prompts), one model at 16 kHz.

    python -m experiments.launch voice_babblers --work /tmp/runs

Six to seven hours on one core; interrupted, it goes on with the same command. First at a constant rate; then the rate
falls to nothing, and half of the recordings are heard in pieces: before that, the voice heeded its own past more than
what it was told, and went on where it should have paused. A part at a low rate settles it. The last part, by Muon with
updates of half the samples, brought 3.168 bits of the validation split to 3.138.

What is chosen and why. Four-millisecond top frames, since a syllable must fit into the memory of the top tier. A dim
at which float16 weights stay under 4 MB and one core speaks faster than real time. ConditioningFn when to speak, by the phone
labels of festvox-ru and the energy of the prompts; 0.2 s of silence around every recording to learn it from. ConditioningFn pitch
beside units: by units alone, a man's voice came out at 200 Hz. ConditioningFn the level: its error, where the voice says what
held-out speech says, went from 5.3 dB to 4.0 (man) and from 6.8 to 4.6 (woman). Noise on the past samples, mostly
little and now and then much. Without any, a voice of three tiers at 16 kHz fell into a full-scale tone within seconds
in 8 of 8 streams. At most one level, uniform: 3.034 bits, but hiss, 4 to 9 dB too much of it in her voiced sounds, and
in place of vowels that should begin a phrase. At most two levels, uniform: 3.138 bits, and no valley in a spectrum is
deep. As it is: 3.085. The woman's recordings come three times a pass.

The release grew with the code, in twelve parts that `results/babblers_release.json` lists: pitch was added in the
middle of the second part here, what breaks into silences in the seventh, the eighth is the one by Muon. By Muon, too,
are the others: the level was added in the ninth, units of speech alone in the tenth, and the last two differ in noise,
at most one level, then as here. From scratch this file was not run again.
"""

from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import OptimizerConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.pipelines.babbler import BabblerExperiment, Part

RATE, NOISE, SPLICES = 2e-3, 8.0, 0.5

EXPERIMENT = BabblerExperiment(
    sources=("festvox-ru", "asterisk-core-sounds-ru-g722"),
    sample_rate=16_000,
    pad=0.2,
    model=SampleRNNConfig(
        frame_sizes=(64, 16, 4), dim=224, embedding=128, expand_top=True, hidden=1, reset="after"
    ),
    quantizer=Quantizer("mu_law"),
    units=64,
    batch_size=16,
    parts={
        "training": Part(15_500, OptimizerConfig(learning_rate=RATE, warmup_steps=200), 1024, NOISE),
        "falling": Part(
            13_500,
            OptimizerConfig(learning_rate=RATE, warmup_steps=100, decay_steps=13_500),
            1024,
            NOISE,
            SPLICES,
        ),
        "settling": Part(
            5_000,
            OptimizerConfig(learning_rate=7e-4, warmup_steps=100, decay_steps=5_000),
            1024,
            NOISE,
            SPLICES,
        ),
        "muon": Part(
            15_000,
            OptimizerConfig(kind="muon", learning_rate=3e-3, warmup_steps=100, decay_steps=15_000),
            512,
            NOISE,
            SPLICES,
        ),
    },
)
