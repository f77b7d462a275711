"""A vocoder of one man (festvox-ru): WaveNet with a mixture of logistics over 16 bits, told 80 bands of mel.

    python -m experiments.launch vocoder_wavenet_festvox --from FOLDER

FOLDER, `--until`, `--first` and `--start` are those of `vocoder_festvox`. Two parts, each of about two hours on one
core. Classes in place of the mixture: `--mixture 0 --quantizer.kind mu_law --quantizer.q-levels 256 --model.input
embedding`, and the noise of `vocoder_festvox`. Expected: no figure yet.

The output is that of WaveNet in Tacotron 2 (Shen et al. 2018, arXiv 1712.05884, section 2.3). The shape is smaller: in
their section 3.3.4 WaveNets of 24 and of 12 layers, with receptive fields of 21 and 10.5 ms, were heard to be about as
good as one of 30 layers and 256 ms, since the mel knows what lies further back. Four stacks of six layers have 15.8 ms
at 16 kHz. With 64 channels and as many for the skip connections a sample takes 0.6 million multiplications, 0.37 times
those of the WaveNet in the benchmark of speaking, which the native sampler drew at 0.63 times real time with float32
weights and at 1.4 times with int8: about 1.6 and 3.5 times real time, on one core.

A level of 16 bits is a 256th of one of the linear 256 levels; noise of 16 of them lies 66 dB below full scale. Near
silence that is three levels of mu-law, in loud speech a tenth of one.
"""

from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import OptimizerConfig
from babble_jax.voice.models.wavenet import WaveNetConfig
from experiments.pipelines.parts import Part
from experiments.pipelines.vocoder import VocoderExperiment

LEARNING_RATE, NOISE, STEPS = 1e-3, 16.0, 7000

EXPERIMENT = VocoderExperiment(
    model=WaveNetConfig(stacks=4, layers=6, channels=64, skip=64, input="real", hop=32),
    quantizer=Quantizer("linear", 65_536),
    mixture=10,
    batch_size=8,
    parts={
        "training": Part(STEPS, OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=200), 1024, NOISE),
        "falling": Part(
            STEPS,
            OptimizerConfig(learning_rate=LEARNING_RATE, warmup_steps=100, decay_steps=STEPS),
            1024,
            NOISE / 2,
        ),
    },
)
