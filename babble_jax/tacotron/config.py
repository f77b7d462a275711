"""The configuration of Tacotron and Tacotron 2: what they are told, the sizes of their parts, and their spectrogram.

The defaults of `TacotronConfig` and `Tacotron2Config` are the papers'; `TWO_CORES` trains on two cores in hours.
"""

import dataclasses
from typing import Annotated, Literal

import pydantic
from tyro.conf import Suppress, subcommand

from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.voice.models.bounds import DEEPEST, LARGEST, check_sizes

LOG_DURATION, F0, LEVEL = "log_duration", "f0", "level"
PROSODY = (LOG_DURATION, F0, LEVEL)
"""Channels of prosody per phone."""


@dataclasses.dataclass(frozen=True)
class InputConfig:
    """What a model is told.

    Attributes:
      symbols: names of the phones (or graphemes); the number of a phone is its place here.
      prosody: channels of prosody per phone, of `PROSODY`: log_duration is the natural logarithm of seconds, f0 octaves
        from the speaker's median (0 where unvoiced), level dB from the utterance's, divided by 10.
      speakers: names of the speakers; empty for one.
      languages: names of the languages; empty for one.
    """

    symbols: tuple[str, ...]
    prosody: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.symbols:
            raise ValueError("symbols is empty; name the phones")
        for name in ("symbols", "prosody", "speakers", "languages"):
            values = getattr(self, name)
            if len({*values}) != len(values):
                raise ValueError(f"{name} holds a name twice")
        if unknown := sorted({*self.prosody} - {*PROSODY}):
            raise ValueError(f"prosody has no channel {unknown[0]}; choose among {', '.join(PROSODY)}")


@dataclasses.dataclass(frozen=True)
class CBHGConfig:
    """Shape of a CBHG: convolutions, a highway network and a bidirectional GRU (arXiv 1703.10135, section 3.1).

    Attributes:
      bank: number of convolutions of the bank, K; their widths are 1 to K.
      channels: of each convolution of the bank.
      projection: channels of the first convolution after the bank; the second has those of the input.
      highway_layers: number of highway layers.
      highway: units of each of them.
      rnn: units of the GRU in each direction.
    """

    bank: int = 16
    channels: int = 128
    projection: int = 128
    highway_layers: int = 4
    highway: int = 128
    rnn: int = 128

    def __post_init__(self):
        check_sizes(
            self,
            bank=DEEPEST,
            channels=LARGEST,
            projection=LARGEST,
            highway_layers=DEEPEST,
            highway=LARGEST,
            rnn=LARGEST,
        )
        if min(self.bank, self.channels, self.projection, self.highway, self.rnn) < 1:
            raise ValueError("sizes of a CBHG must be positive")


@dataclasses.dataclass(frozen=True)
class DecoderConfig:
    """Shape of a decoder with attention.

    Attributes:
      prenet: units of the layers through which the last frame goes.
      attention_rnn: units of the recurrent layer whose output asks the attention.
      attention: units in which the attention compares (its tanh layer).
      location_filters: filters over earlier weights of the attention (arXiv 1506.07503); 0 for attention by content.
      location_width: phones that a filter spans.
      rnn: units of each recurrent layer after the attention.
      layers: number of these.
      reduction: frames that a step gives, r (arXiv 1703.10135, section 3.3).
      zoneout: share of the units of recurrent layers that keep their state in training (arXiv 1606.01305).
    """

    prenet: tuple[int, ...] = (256, 256)
    attention_rnn: int = 1024
    attention: int = 128
    location_filters: int = 32
    location_width: int = 31
    rnn: int = 1024
    layers: int = 1
    reduction: int = 1
    zoneout: float = 0.1

    def __post_init__(self):
        check_sizes(
            self,
            attention_rnn=LARGEST,
            attention=LARGEST,
            location_filters=LARGEST,
            location_width=1023,
            rnn=LARGEST,
            layers=DEEPEST,
            reduction=64,
        )
        if min(self.attention_rnn, self.attention, self.rnn, self.layers, self.reduction, *self.prenet) < 1:
            raise ValueError("sizes of a decoder must be positive")
        if self.location_filters < 0 or self.location_width % 2 == 0:
            raise ValueError("location_filters must not be negative, and location_width must be odd")
        if not self.prenet or len(self.prenet) > DEEPEST:
            raise ValueError(f"prenet has {len(self.prenet)} layers; give 1 to {DEEPEST}")
        if not 0 <= self.zoneout < 1:
            raise ValueError(f"zoneout is {self.zoneout}; choose from 0 (none) to below 1")


@dataclasses.dataclass(frozen=True)
class Tacotron2Config:
    """Shape of Tacotron 2 (arXiv 1712.05884, section 2.2).

    Attributes:
      kind: "tacotron2"; the other kind is tacotron.
      embedding: numbers of the vector of a phone, and channels of the encoder's convolutions.
      encoder_layers: convolutions of the encoder.
      encoder_width: phones that each of them spans.
      encoder_rnn: units of the encoder's LSTM in each direction.
      decoder: the decoder.
      postnet_layers: convolutions of the post-net.
      postnet_width: frames that each of them spans.
      postnet: channels of each of them but the last.
      dropout: share of what the convolutions give that is left out in training.
    """

    kind: Suppress[Literal["tacotron2"]] = "tacotron2"
    embedding: int = 512
    encoder_layers: int = 3
    encoder_width: int = 5
    encoder_rnn: int = 256
    decoder: DecoderConfig = DecoderConfig()
    postnet_layers: int = 5
    postnet_width: int = 5
    postnet: int = 512
    dropout: float = 0.5

    def __post_init__(self):
        check_sizes(
            self,
            embedding=LARGEST,
            encoder_layers=DEEPEST,
            encoder_width=255,
            encoder_rnn=LARGEST,
            postnet_layers=DEEPEST,
            postnet_width=255,
            postnet=LARGEST,
        )
        sizes = (self.embedding, self.encoder_layers, self.encoder_rnn, self.postnet_layers, self.postnet)
        if min(*sizes, self.encoder_width, self.postnet_width) < 1:
            raise ValueError("sizes of Tacotron 2 must be positive")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}; choose from 0 (none) to below 1")


@dataclasses.dataclass(frozen=True)
class TacotronConfig:
    """Shape of Tacotron (arXiv 1703.10135, table 1).

    Attributes:
      kind: "tacotron"; the other kind is tacotron2.
      embedding: numbers of the vector of a phone.
      encoder_prenet: units of the layers before the encoder's CBHG.
      encoder: CBHG of the encoder.
      decoder: the decoder.
      postnet: CBHG from the mel spectrogram to the linear one.
    """

    kind: Suppress[Literal["tacotron"]] = "tacotron"
    embedding: int = 256
    encoder_prenet: tuple[int, ...] = (256, 128)
    encoder: CBHGConfig = CBHGConfig()
    decoder: DecoderConfig = DecoderConfig(
        prenet=(256, 128),
        attention_rnn=256,
        attention=256,
        location_filters=0,
        rnn=256,
        layers=2,
        reduction=2,
        zoneout=0.0,
    )
    postnet: CBHGConfig = CBHGConfig(bank=8, projection=256)

    def __post_init__(self):
        check_sizes(self, embedding=LARGEST)
        if not self.encoder_prenet or min(self.embedding, *self.encoder_prenet) < 1:
            raise ValueError("embedding and encoder_prenet must be positive")


TWO_CORES = Tacotron2Config(
    embedding=128,
    encoder_rnn=64,
    decoder=DecoderConfig(
        prenet=(128, 64), attention_rnn=256, attention=64, location_filters=16, rnn=256, reduction=3
    ),
    postnet=128,
)
"""Tacotron 2 of two million parameters, which trains on two cores in hours."""

SynthesisModel = Annotated[
    Annotated[
        Tacotron2Config,
        pydantic.Tag("tacotron2"),
        subcommand("tacotron2", description="Tacotron 2: from phones to mel (Shen et al. 2018)."),
    ]
    | Annotated[
        TacotronConfig,
        pydantic.Tag("tacotron"),
        subcommand(
            "tacotron", description="Tacotron: from phones to a linear spectrogram (Wang et al. 2017)."
        ),
    ],
    pydantic.Discriminator("kind"),
]


@dataclasses.dataclass(frozen=True)
class SynthesisConfig:
    """A model, what it is told, and its spectrogram.

    Attributes:
      inputs: what it is told.
      model: its shape.
      mel: settings of its spectrogram.
    """

    inputs: InputConfig
    model: SynthesisModel = TWO_CORES
    mel: MelConfig = MelConfig()
