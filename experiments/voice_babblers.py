"""The two voices that ship: a man (festvox-ru) and a woman (Asterisk's Russian prompts), one model at 16 kHz.

    python -m experiments.launch voice_babblers --work /tmp/runs

Six to seven hours on one core; interrupted, it goes on with the same command. First at a constant rate; then the rate
falls to nothing, and half of the recordings are heard in pieces: before that, the voice heeded its own past more than
what it was told, and went on where it should have paused. A part at a low rate settles it. The last part, by Muon with
updates of half the samples, brought 3.168 bits of the validation split to 3.138.

What is chosen and why. Four-millisecond top frames, since a syllable must fit into the memory of the top tier. A dim
at which float16 weights stay under 4 MB and one core speaks faster than real time. Told when to speak, by the phone
labels of festvox-ru and the energy of the prompts; 0.2 s of silence around every recording to learn it from. Told pitch
beside units: by units alone, a man's voice came out at 200 Hz. Noise on the past samples: without it a voice of three
tiers at 16 kHz fell into a full-scale tone within seconds in 8 of 8 streams. The woman's recordings come three times a
pass.

The release grew with the code, in eight parts that `results/babblers_released.json` lists: pitch was added in the
middle of the second part here, what breaks into silences in the seventh, and the eighth is the one by Muon. From
scratch this file was not run again.
"""

from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import OptimizerConfig
from babble_jax.voice.samplernn import SampleRNNConfig
from experiments.kinds_voice import BabblerExperiment, Part

RATE = 2e-3

EXPERIMENT = BabblerExperiment(
    sources=("festvox-ru", "asterisk-core-sounds-ru-g722"),
    sample_rate=16_000,
    pad=0.2,
    model=SampleRNNConfig(
        frame_sizes=(64, 16, 4), dim=224, embedding=128, expand_top=True, hidden=1, reset="after"
    ),
    quantizer=Quantizer("mu_law"),
    units=64,
    noise=2.0,
    lanes=16,
    parts={
        "training": Part(15_500, OptimizerConfig(learning_rate=RATE, warmup_steps=200), 1024),
        "falling": Part(
            13_500,
            OptimizerConfig(learning_rate=RATE, warmup_steps=100, decay_steps=13_500),
            1024,
            splices=0.5,
        ),
        "settling": Part(
            5_000, OptimizerConfig(learning_rate=7e-4, warmup_steps=100, decay_steps=5_000), 1024, splices=0.5
        ),
        "muon": Part(
            15_000,
            OptimizerConfig(kind="muon", learning_rate=3e-3, warmup_steps=100, decay_steps=15_000),
            512,
            splices=0.5,
        ),
    },
)
