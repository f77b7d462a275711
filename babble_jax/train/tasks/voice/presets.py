"""Presets of the training of a voice: named values, with what each takes, what it reaches and what it is for.

`babble train --list-presets` prints them. An option of the command line goes before the value of a preset.

How the time on two cores is known stands below each preset. On one GPU none was ever run: the estimate is an
arithmetic of operations and of sequential steps (`TrainPreset.gpu_seconds`).
"""

import dataclasses
from typing import Literal, get_args

from babble_jax import config as configs
from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig

PresetName = Literal["small", "speech", "paper", "babblers", "vocoder"]

GPU_FLOPS = 1e13
"""Floating-point operations in a second that a large GPU is assumed to reach in float32 on these products."""
GPU_STEP = 1e-4
"""Seconds that one sequential step of a recurrent layer is assumed to take on a GPU, forward or backward: ten
kernels of 10 us."""
SAME_RUN = ("dataset", "seed", "parallel")
"""Fields in which a run may differ from its preset and still be expected to reach the same."""


@dataclasses.dataclass(frozen=True)
class TrainPreset:
    """Values by which a voice is trained, and what is known of such a training.

    Attributes:
      purpose: what it is for, one line.
      config: values of the training; its `dataset` is empty.
      steps: updates.
      log: what the run reports and keeps.
      sample_rate: Hz, of a data set that is made for the run.
      pad: seconds of silence around each recording of such a data set.
      flops: floating-point operations of one sample of training, counted (`throughput.count_flops`).
      cpu_seconds: seconds on two cores that do nothing else.
      memory: bytes that the training holds.
      bits: bits per sample of the validation split that were reached; None where nobody has run it to its end.
      below_markov: bits per sample by which that is below a first-order Markov model of the same recordings, which
        can be compared from one data set to another; None where it is not known.
      measured: on what recordings the expectations were measured, and how.
    """

    purpose: str
    config: VoiceTrainConfig
    steps: int
    log: LogConfig
    sample_rate: int
    pad: float
    flops: float
    cpu_seconds: float
    memory: float
    bits: float | None
    below_markov: float | None
    measured: str

    @property
    def samples_per_update(self) -> int:
        """Samples of all streams that an update reads."""
        return self.config.batch_size * self.config.subsequence

    @property
    def gpu_seconds(self) -> float:
        """Seconds on one GPU, estimated and never measured.

        An update takes its operations at `GPU_FLOPS`, and for each sequential step of each recurrent layer, forward and
        backward, `GPU_STEP`: one after the other, they do not fill a GPU.
        """
        model = self.config.model
        per_tier = [self.config.subsequence // size for size in getattr(model, "frame_sizes", ())]
        sequential = 2 * sum(per_tier)
        return self.steps * (self.flops * self.samples_per_update / GPU_FLOPS + sequential * GPU_STEP)


SMALL_PRESET = TrainPreset(
    purpose="a first voice in minutes, at 8 kHz: a mumble that shows that all works",
    config=VoiceTrainConfig(
        model=SampleRNNConfig(
            frame_sizes=(16, 4), dim=192, embedding=64, expand_top=True, hidden=1, reset="after"
        ),
        quantizer=Quantizer("mu_law"),
        optimizer=OptimizerConfig(learning_rate=3e-3, warmup_steps=20, decay_steps=1000),
        batch_size=16,
    ),
    steps=1000,
    log=LogConfig(evaluate_every=0, evaluate_recordings=32, save_every=200, audio_seconds=2),
    sample_rate=8000,
    pad=0.0,
    flops=1.22e6,
    cpu_seconds=110,
    memory=1.2e9,
    bits=4.79,
    below_markov=1.01,
    measured="run on the excerpt of read Russian that ships (6.4 min for training), and on ten minutes of English "
    "prompts in one file (4.21 bits, 1.12 below)",
)
"""Eight million samples, by Adam at three times the paper's rate, since a thousand updates are few. `babble demo
--train` trains it. Two runs took 107 s and 111 s beside other work, each 121 s of processor time."""

_BABBLERS = VoiceTrainConfig(
    model=SampleRNNConfig(
        frame_sizes=(64, 16, 4), dim=224, embedding=128, expand_top=True, hidden=1, reset="after"
    ),
    quantizer=Quantizer("mu_law"),
    optimizer=OptimizerConfig(learning_rate=2e-3, warmup_steps=200, decay_steps=29_000),
    batch_size=16,
    subsequence=1024,
    by_speaker=True,
    by_activity=True,
    units=64,
    noise=8.0,
    segment_shuffle=0.5,
    balance=True,
)

BABBLERS_PRESET = TrainPreset(
    purpose="the model of the voice babblers, at 16 kHz, for an hour or two of one or more speakers",
    config=_BABBLERS,
    steps=29_000,
    log=LogConfig(every=20, evaluate_every=2000, evaluate_recordings=16),
    sample_rate=16_000,
    pad=0.2,
    flops=1.654e6,
    cpu_seconds=6600,
    memory=1.5e9,
    bits=3.18,
    below_markov=None,
    measured="after the first two parts of the training of the voice babblers (two speakers, 29,180 updates), which "
    "differ in the schedule of the learning rate; this schedule was not run to its end",
)
"""The first two parts of `experiments/voice/voice_babblers.py` as one schedule; the reasons for the values stand
there. The time is that of five updates in a second, the fastest pace of fifty updates that was measured beside other
work (82,000 samples in a second), with evaluations."""

SPEECH_PRESET = dataclasses.replace(
    BABBLERS_PRESET,
    purpose="a voice of your own speech at 16 kHz that speaks when it is told to, of half an hour or more",
    config=dataclasses.replace(
        _BABBLERS, optimizer=dataclasses.replace(_BABBLERS.optimizer, decay_steps=10_000)
    ),
    steps=10_000,
    log=LogConfig(every=20, evaluate_every=1000, evaluate_recordings=16),
    cpu_seconds=2400,
    bits=3.43,
    measured="after 10,000 updates of the training of the voice babblers (two speakers, two hours), whose learning "
    "rate had not fallen yet; this schedule was not run to its end",
)
"""The model of the voice babblers, trained for a third as long as `BABBLERS_PRESET`. An update takes 0.26 s of
processor time."""

VOCODER_PRESET = TrainPreset(
    purpose="a vocoder at 16 kHz, which says what a mel spectrogram contains, of an hour or two of one speaker",
    config=VoiceTrainConfig(
        model=_BABBLERS.model,
        quantizer=_BABBLERS.quantizer,
        optimizer=OptimizerConfig("muon", learning_rate=2e-3, warmup_steps=200, decay_steps=12_000),
        batch_size=16,
        subsequence=1024,
        mel=True,
        noise=4.0,
        emphasis=0.85,
    ),
    steps=12_000,
    log=LogConfig(every=20, evaluate_every=1000, evaluate_recordings=16),
    sample_rate=16_000,
    pad=0.2,
    flops=1.654e6,
    cpu_seconds=3750,
    memory=1.5e9,
    bits=None,
    below_markov=None,
    measured="no figure yet: not run to its end here",
)
"""The model of the voice babblers, with 80 bands of mel in place of units, with pre-emphasis and half of the noise on
past samples, for reasons that stand in `experiments/tacotron/vocoder_festvox.py`. The time is twice the pace of one
core there, 1.6 updates in a second."""

PAPER_PRESET = TrainPreset(
    purpose="the SampleRNN of the paper, of tens of hours of recordings; large, for a GPU",
    config=VoiceTrainConfig(),
    steps=50_000,
    log=LogConfig(),
    sample_rate=16_000,
    pad=0.0,
    flops=4.486e7,
    cpu_seconds=865_000,
    memory=5e9,
    bits=None,
    below_markov=None,
    measured="1.387 bits of the test split on the paper's recordings of one reader (Table 1), each chunk scaled to its "
    "own range, so that yours cannot be compared; not run here to its end",
)
"""The three tiers of Mehri et al. (2017, arXiv 1612.07837, section 3) and of the authors' code: frames of 8 and 2
samples, 1,024 units, linear levels, batches of 128 x 512 samples. The paper does not say how many updates it made. The
time on two cores is that of 170 GFLOP/s, which `python -m experiments.bench.train` reached at 1,024 units; the memory
is the compiler's account of an update."""

TRAIN_PRESETS: dict[str, TrainPreset] = dict(
    zip(
        get_args(PresetName),
        (SMALL_PRESET, SPEECH_PRESET, PAPER_PRESET, BABBLERS_PRESET, VOCODER_PRESET),
        strict=True,
    )
)
"""By name."""
DEFAULT_PRESET: PresetName = "small"
"""Preset of a training for which none is named."""


def list_overrides(preset: TrainPreset, config: VoiceTrainConfig, steps: int) -> list[str]:
    """Lists the values in which a training differs from a preset, as `field: preset's -> its own`.

    Args:
      preset: the preset.
      config: values of the training.
      steps: its updates.
    """
    before, after = (
        configs.to_json(one) | {"steps": n} for one, n in ((preset.config, preset.steps), (config, steps))
    )
    for name in SAME_RUN:
        before.pop(name)
        after.pop(name)
    return configs.difference(before, after)


def find_preset(config: VoiceTrainConfig, steps: int | None = None) -> str | None:
    """Finds the preset whose values a training has, but for `SAME_RUN`.

    Args:
      config: values of the training.
      steps: its updates; None for any number of them.

    Returns:
      The name; None where it has values of its own.
    """
    for name, preset in TRAIN_PRESETS.items():
        if not list_overrides(preset, config, preset.steps if steps is None else steps):
            return name
    return None
