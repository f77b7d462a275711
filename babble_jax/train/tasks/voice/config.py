"""The configuration of the training of a voice: what the user chooses, and what the data set decides."""

import dataclasses
from typing import Annotated, Literal

from tyro.conf import Positional, Suppress, arg

from babble_jax.audio.mel_spectrogram import mel_config
from babble_jax.audio.quantize import Quantizer
from babble_jax.train.config import TrainConfig
from babble_jax.voice.conditioning import activity
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.kinds import ModelConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig


@dataclasses.dataclass(frozen=True)
class DatasetProperties:
    """What a voice takes over from the data set that it is trained on.

    Attributes:
      sample_rate: Hz.
      gain: factor from recorded to quantized amplitude.
      speakers: names of the speakers.
      bandwidth: Hz, upper edge of the recordings of each speaker, one value for a voice without speakers; empty for no
        filter.
    """

    sample_rate: int = 16000
    gain: float = 1.0
    speakers: tuple[str, ...] = ()
    bandwidth: tuple[float, ...] = ()


def _dataset_hint(default: str) -> str:
    """Says in the help of `babble train` whether a data set must be named; that of a run that goes on is known."""
    return "(required to start a run)" if default.strip("'") == "" else f"(default: {default})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class VoiceTrainConfig(TrainConfig):
    """Values by which a voice is trained. The defaults are those of the SampleRNN paper, which are large for a CPU.

    `babble train` and `babble_jax.train_voice` have an option for each of these fields, and no others.

    Attributes:
      kind: Kind of the task.
      dataset: Folder that `babble dataset` wrote, or the name of a TFDS data set (ljspeech, librispeech, ...).
        `babble train` also takes a folder or a file of sound, or `excerpt`, and makes a data set of it first.
      model: Shape of the model.
      quantizer: Quantization of the samples.
      subsequence: Length of each step of truncated back-propagation through time, in samples (Mehri et al. 2017,
        section 2.2.1).
      by_speaker: Condition the voice on the data set's speakers. A SampleRNN needs --model.expand-top.
      by_activity: Condition the voice on speech activity, so that it can be told when to speak. The data set must know
        the activity. A SampleRNN needs --model.expand-top.
      mel: Condition the voice on the mel spectrogram of what it is to say, as a vocoder is, in place of activity and
        units. A SampleRNN needs --model.expand-top.
      synthesizer: Folder of a model from phones to spectrograms (`babble train --task tacotron`). The voice then takes
        the spectrograms that this model predicts of the recordings, with their true frames as the last ones, in place
        of the true ones (arXiv 1712.05884, section 2.3). Needs --mel and --labelled.
      labelled: Folder of the recordings of the data set with their labels, as `babble train --task tacotron` takes it.
      units: Also condition the voice on acoustic units, pitch and level: the number of units that are learned from the
        recordings (64 works), or 0. Needs --by-activity.
      noise: Noise that is added to the past samples that the model sees: its largest standard deviation, in
        quantization levels; most of the noise is much smaller. 8 of mu-law's 256 levels keep a voice from falling into
        a tone or ignoring its conditioning.
      segment_shuffle: Share of the recordings (0 to 1) that are cut into segments and put together in another order, so
        that a voice follows its conditioning where its own past says otherwise (0.5 works). Needs --by-activity or
        --mel.
      mixture: Draw samples from a mixture of so many logistics in place of a class for each level (10, with
        --quantizer.q-levels 65536 and --model.input real, is WaveNet's output in Tacotron 2); 0 for classes.
      emphasis: Coefficient of the pre-emphasis of the samples (0.85 works), against a hiss over what is voiced; 0 for
        none. Bits per sample do not compare between voices with and without it.
      balance: Read the recordings of speakers with less sound several times per pass.
      init_from: Folder of a voice whose parameters and units the run starts from.

    Examples:
      >>> model = SampleRNNConfig(frame_sizes=(8,), expand_top=True)
      >>> VoiceTrainConfig(dataset="speech", model=model, by_activity=True).batch_size
      128
    """

    kind: Suppress[Literal["voice"]] = "voice"
    dataset: Annotated[Positional[str], arg(help_behavior_hint=_dataset_hint)] = ""
    model: ModelConfig = SampleRNNConfig()
    quantizer: Quantizer = Quantizer()
    subsequence: int = 512
    by_speaker: bool = False
    by_activity: bool = False
    mel: bool = False
    synthesizer: str | None = None
    labelled: str | None = None
    units: int = 0
    noise: float = 0.0
    segment_shuffle: float = 0.0
    mixture: int = 0
    emphasis: float = 0.0
    balance: bool = False
    init_from: str | None = None

    def __post_init__(self):
        super().__post_init__()
        q_levels = self.quantizer.q_levels
        if not 0 <= self.noise <= q_levels:
            raise ValueError(f"noise is {self.noise}; choose from 0 (none) to the {q_levels} levels")
        if not 0 <= self.segment_shuffle <= 1 or (
            self.segment_shuffle and not (self.by_activity or self.mel)
        ):
            raise ValueError(
                f"segment_shuffle is {self.segment_shuffle}; choose from 0 (none) to 1, and 0 for a voice "
                "without features"
            )
        if (self.synthesizer is None) != (self.labelled is None) or (self.synthesizer and not self.mel):
            raise ValueError("synthesizer and labelled are folders that go together, and with mel")
        frame = self.voice(DatasetProperties(speakers=("one",))).sample_model.frame
        if not 1 <= self.subsequence <= 10**9 or self.subsequence % frame:
            raise ValueError(
                f"subsequence must be a positive multiple of the top frame, {frame}; not {str(self.subsequence)[:30]}"
            )

    def voice(self, dataset: DatasetProperties) -> VoiceConfig:
        """Makes the config of the voice that is trained on a data set."""
        return VoiceConfig(
            self.model,
            self.quantizer,
            dataset.sample_rate,
            dataset.gain,
            dataset.speakers if self.by_speaker else (),
            activity.FEATURES if self.by_activity else (),
            self.units,
            dataset.bandwidth,
            self.mixture,
            mel_config(dataset.sample_rate) if self.mel else None,
            self.emphasis,
        )
