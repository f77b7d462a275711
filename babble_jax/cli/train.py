"""Training a voice."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, subcommand

from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig


@dataclasses.dataclass(frozen=True)
class Train:
    """Trains a voice, or resumes a training run that was interrupted. The defaults are those of the SampleRNN paper.

    The model is a SampleRNN, or another kind where the command line names it: `model:wavenet` or `model:rnn`, followed
    by its own --model options (`babble train model:wavenet --help`).

    Attributes:
      dataset: Folder that `babble dataset` wrote, or the name of a TFDS data set (ljspeech, librispeech, ...).
      workdir: Folder of the run. A run that is there already is resumed, and needs the same options.
      steps: Total number of updates.
      model: Shape of the model.
      quantizer: Quantization of the samples.
      optimizer: Optimizer and its learning rate schedule.
      batch_size: Number of recordings that are read side by side.
      subsequence: Length of each step of truncated back-propagation through time, in samples.
      by_speaker: Condition the voice on the data set's speakers. A SampleRNN needs --model.expand-top.
      by_activity: Condition the voice on speech activity, so that it can be told when to speak. The data set must know
        the activity. A SampleRNN needs --model.expand-top.
      units: Also condition the voice on acoustic units, pitch and level: the number of units that are learned from the
        recordings (64 works), or 0. Needs --by-activity.
      noise: Noise that is added to the past samples that the model sees: its largest standard deviation, in
        quantization levels; most of the noise is much smaller. 8 of mu-law's 256 levels keep a voice from falling into
        a tone or ignoring its conditioning.
      segment_shuffle: Share of the recordings (0 to 1) that are cut into segments and put together in another order, so
        that a voice follows its conditioning where its own past says otherwise (0.5 works). Needs --by-activity.
      balance: Read the recordings of speakers with less sound several times per pass.
      init_from: Folder of a voice whose parameters the run starts from.
      seed: Random seed of the initial parameters and of the order of the recordings.
      parallel: How the step is mapped over devices.
      log: What the run reports and keeps. It may change when a run is resumed.
    """

    dataset: Positional[str]
    workdir: Path
    steps: int
    model: (
        Annotated[
            SampleRNNConfig,
            subcommand(
                "samplernn",
                description="SampleRNN: tiers of recurrent layers and a sample-level MLP (Mehri et al. 2017).",
            ),
        ]
        | Annotated[
            WaveNetConfig,
            subcommand(
                "wavenet", description="WaveNet: dilated causal convolutions (van den Oord et al. 2016)."
            ),
        ]
        | Annotated[RNNConfig, subcommand("rnn", description="RNN: recurrent layers over single samples.")]
    ) = SampleRNNConfig()
    quantizer: Quantizer = Quantizer()
    optimizer: OptimizerConfig = OptimizerConfig()
    batch_size: int = 128
    subsequence: int = 512
    by_speaker: bool = False
    by_activity: bool = False
    units: int = 0
    noise: float = 0.0
    segment_shuffle: float = 0.0
    balance: bool = False
    init_from: Path | None = None
    seed: int = 0
    parallel: Literal["pmap", "jit"] = "pmap"
    log: LogConfig = LogConfig()

    def run(self) -> None:
        """Trains the voice; prints its score and its folder."""
        from babble_jax.train.training import train_voice

        options = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        report = train_voice(**options)
        score = report.validation
        print(f"step {report.step}: {score.bits:.3f} bits per sample on {score.samples} validation samples")
        print(f"voice: {report.voice}")
