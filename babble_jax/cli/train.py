"""Training a voice."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from babble_jax.audio.quantize import Quantizer
from babble_jax.cli.messages import as_user_error
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.voice.models.kinds import DEFAULT, config_of
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig


@dataclasses.dataclass(frozen=True)
class Train:
    """Trains a voice, or goes on with a training that was interrupted. The defaults are the SampleRNN paper's.

    --model.kind takes samplernn, wavenet or rnn; the other options of --model are those of that kind.

    Attributes:
      dataset: a folder that `babble dataset` made, or the name of a TFDS data set (ljspeech, librispeech, ...).
      workdir: folder of the run. A run that is there already goes on, under the same options.
      steps: updates in all.
      model: shape of the voice.
      quantizer: of the samples.
      optimizer: Adam and its schedule.
      batch_size: recordings read side by side: the batch size.
      subsequence: samples per step of truncated back-propagation.
      by_speaker: condition the voice on the data set's speakers; a SampleRNN needs --model.expand-top.
      by_activity: tell the voice when to speak, by the activity that the data set knows; a SampleRNN needs
        --model.expand-top.
      units: tell it what sound to make, how high and how loud, too, by so many acoustic units that are found in the
        recordings (try 64); needs --by-activity.
      noise: on the past samples that the voice sees, at most so many levels (standard deviation), mostly far fewer; try
        8 of mu-law's 256 against a voice that falls into a tone, or does not heed what it is told.
      segment_shuffle: share of the recordings that are heard in pieces, put together in another order: a voice then does as it
        is told even against its own past (try 0.5); needs --by-activity.
      balance: speakers with less sound come several times a pass.
      init_from: a voice whose parameters the run starts from.
      seed: of the initial parameters and of the order of the recordings.
      parallel: how the step is mapped over devices.
      log: what the run shows and keeps; may change when a run goes on.
    """

    dataset: Positional[str]
    workdir: Path
    steps: int
    model: SampleRNNConfig | WaveNetConfig | RNNConfig = SampleRNNConfig()
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
        """Trains, and prints the score and where the voice is."""
        from babble_jax.dataset.bandwidths import bandwidths
        from babble_jax.dataset.source import open_dataset
        from babble_jax.train.config import TrainConfig
        from babble_jax.train.loop import train
        from babble_jax.voice.conditioning import activity
        from babble_jax.voice.config import VoiceConfig

        recordings = open_dataset(self.dataset, "train")
        speakers = recordings.speaker_names if self.by_speaker else ()
        with as_user_error():
            voice = VoiceConfig(
                self.model,
                self.quantizer,
                recordings.sample_rate,
                recordings.gain,
                speakers,
                activity.FEATURES if self.by_activity else (),
                self.units,
                bandwidths(recordings, self.by_speaker),
            )
            config = TrainConfig(
                voice,
                self.dataset,
                self.optimizer,
                self.batch_size,
                self.subsequence,
                self.seed,
                self.parallel,
                self.noise,
                self.segment_shuffle,
                self.balance,
                None if self.init_from is None else str(self.init_from),
            )
        report = train(config, self.workdir, self.steps, self.log)
        score = report.validation
        print(f"step {report.step}: {score.bits:.3f} bits per sample on {score.samples} validation samples")
        print(f"voice: {report.voice}")


def of_kind(arguments: Sequence[str]) -> type[Train]:
    """`Train` with the options of the kind of voice that a command line names.

    Raises:
      BabbleError: there is no such kind.
    """
    words = [part for word in arguments for part in word.split("=", 1)]
    option = "--model.kind"
    named = words[words.index(option) + 1 :] if option in words else []
    model = config_of(named[0] if named else DEFAULT)
    fields = [("model", model, dataclasses.field(default=model()))]
    return dataclasses.make_dataclass("Train", fields, bases=(Train,), frozen=True)
