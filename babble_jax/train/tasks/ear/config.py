"""The configuration of the training of an ear."""

import dataclasses
from typing import Literal

from tyro.conf import Suppress

from babble_jax.ear.config import Direction, EarConfig
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.labelled.config import LabelledTrainConfig, check_highest

_HIGHEST = {
    "bands": 256,
    "stride": 100,
    "context": 100,
    "dim": 16_384,
    "layers": 64,
    "recurrent": 16_384,
    "recurrent_layers": 64,
    "look_ahead": 1000,
}
_MOST_STREAMS = 4096


@dataclasses.dataclass(frozen=True)
class EarShape:
    """Sizes of the network of an ear; its symbols come from the recordings.

    Attributes:
      bands: Mel bands of its features.
      stride: Mel frames of 10 ms in a step.
      context: Steps on each side that the first layer sees.
      dim: Units of each layer that is not recurrent.
      layers: Layers of clipped rectified linear units before the recurrent ones.
      recurrent: Units of a recurrent layer in each direction.
      recurrent_layers: Number of recurrent layers.
      direction: "both" hears a recording as a whole; "forward" also hears it as it comes.
      look_ahead: Steps that a forward ear sees ahead.
      frame_head: Whether it also classifies each step, which gives the times of symbols. Needs labels with times.
    """

    bands: int = 80
    stride: int = 2
    context: int = 2
    dim: int = 384
    layers: int = 2
    recurrent: int = 192
    recurrent_layers: int = 2
    direction: Direction = "both"
    look_ahead: int = 8
    frame_head: bool = True

    def __post_init__(self):
        for name, highest in _HIGHEST.items():
            if getattr(self, name) > highest:
                raise ValueError(f"{name} is {str(getattr(self, name))[:30]}; choose {highest} at most")
        self.ear(("a",))

    def ear(self, symbols: tuple[str, ...], frame_head: bool | None = None) -> EarConfig:
        """Makes the config of an ear for symbols.

        Args:
          symbols: that it tells apart.
          frame_head: takes the place of this shape's, where it is no None.
        """
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        if frame_head is not None:
            values["frame_head"] = frame_head
        return EarConfig(symbols, **values)


@dataclasses.dataclass(frozen=True, kw_only=True)
class EarTrainConfig(LabelledTrainConfig):
    """Values by which an ear is trained. The defaults are for an hour of speech of one person, on a CPU.

    `babble train --task ear` has an option for each of these fields.

    Attributes:
      kind: Kind of the task.
      symbols: What the ear is to hear: phones, from labels, or graphemes, from transcripts; auto for phones where there
        are labels.
      model: Shape of the network.
      most_minutes: Minutes of recordings of the training split that are used, at random; 0 for all. What is held out
        stays the same.
      frame_weight: Weight of the classification of steps beside that of the strings; 0 trains on strings alone.
      piece: Longest piece of a recording, in seconds, of which batches are made; recordings are cut in silences, where
        labels say when those are. 0 leaves recordings as they are.
      dropout: Share of the units of each layer that are set to 0 in an update.
      tempo: Recordings are stretched in time by a factor that is drawn from 1 - TEMPO to 1 + TEMPO.
      warp: The spectrum of recordings is warped by a factor that is drawn from 1 - WARP to 1 + WARP, as though the
        speaker had a vocal tract of another length (VTLP, Jaitly and Hinton 2013, where it is 0.1). 0, as it stands, is
        for an ear of the people in the recordings alone.
      equalize: Standard deviation in dB of a curve over the mel bands that is drawn for each piece and added to it, as
        of another microphone or room: linear between 5 places. 0 adds none.
      noise: Noise is added to each piece, at a ratio of speech to noise that is drawn from NOISE to NOISE + 40 dB: even
        noise, as of a room, or one whose level follows the speech, as of coarse quantization. None adds none: such an
        ear of clean recordings is lost in a noise that people hardly hear.
      time_masks: Stretches of time of each piece that are blanked in an update (SpecAugment, arXiv 1904.08779).
      time_mask: Longest such stretch in seconds.
      band_masks: Ranges of mel bands that are blanked in an update.
      band_mask: Largest such range in bands.
      init_from: Folder of an ear whose parameters the run starts from.

    Examples:
      >>> EarTrainConfig(recordings="speech", model=EarShape(dim=64)).batch_size
      16
    """

    kind: Suppress[Literal["ear"]] = "ear"
    model: EarShape = EarShape()
    most_minutes: float = 0.0
    frame_weight: float = 1.0
    piece: float = 6.0
    dropout: float = 0.2
    tempo: float = 0.1
    warp: float = 0.0
    equalize: float = 0.0
    noise: float | None = 10.0
    time_masks: int = 2
    time_mask: float = 0.1
    band_masks: int = 2
    band_mask: int = 12
    optimizer: OptimizerConfig = OptimizerConfig(learning_rate=2e-3, warmup_steps=100, decay_steps=2000)
    batch_size: int = 16

    def __post_init__(self):
        super().__post_init__()
        check_highest(self, {"dropout": 0.9, "tempo": 0.5, "warp": 0.5, "frame_weight": 1e3})
        check_highest(self, {"equalize": 40.0})
        if self.noise is not None and not 0 <= self.noise <= 60:
            raise ValueError(f"noise is {self.noise}; choose from 0 to 60 dB of speech over noise")
        check_highest(self, {"time_mask": 10.0, "most_minutes": 1e9})
        check_highest(self, {"time_masks": 100, "band_masks": 100, "band_mask": self.model.bands})
        if self.batch_size > _MOST_STREAMS:
            raise ValueError(f"batch_size is {self.batch_size}; choose {_MOST_STREAMS} at most")
        if self.piece != 0 and not 1 <= self.piece <= 600:
            raise ValueError(f"piece is {self.piece}; choose from 1 to 600 seconds, or 0 to cut nothing")
