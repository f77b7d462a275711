"""Registry of sample models, by the `kind` of their config."""

from typing import Annotated, Any

import pydantic
from tyro.conf import subcommand

from babble_jax.voice.contract import SampleModel
from babble_jax.voice.models.rnn import RNN, RNNConfig
from babble_jax.voice.models.samplernn import SampleRNN, SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNet, WaveNetConfig

KINDS: dict[str, tuple[type, type]] = {
    "samplernn": (SampleRNNConfig, SampleRNN),
    "wavenet": (WaveNetConfig, WaveNet),
    "rnn": (RNNConfig, RNN),
}
DEFAULT = "samplernn"  # kind of a config that names none


def kind_of(model: Any) -> str:
    """Returns the kind of a config, or of the JSON values of a config."""
    return model.get("kind", DEFAULT) if isinstance(model, dict) else getattr(model, "kind", DEFAULT)


ModelConfig = Annotated[
    Annotated[
        SampleRNNConfig,
        pydantic.Tag("samplernn"),
        subcommand(
            "samplernn",
            description="SampleRNN: tiers of recurrent layers and a sample-level MLP (Mehri et al. 2017).",
        ),
    ]
    | Annotated[
        WaveNetConfig,
        pydantic.Tag("wavenet"),
        subcommand("wavenet", description="WaveNet: dilated causal convolutions (van den Oord et al. 2016)."),
    ]
    | Annotated[
        RNNConfig,
        pydantic.Tag("rnn"),
        subcommand("rnn", description="RNN: recurrent layers over single samples."),
    ],
    pydantic.Discriminator(
        kind_of,
        custom_error_type="kind",
        custom_error_message=f"kind is none of {', '.join(KINDS)}",
    ),
]


def build_model(
    model: SampleRNNConfig | WaveNetConfig | RNNConfig,
    q_levels: int,
    speakers: int,
    local: int,
    mixture: int = 0,
) -> SampleModel:
    """Builds the sample model of a config.

    Args:
      model: config of the model.
      q_levels: quantization levels of the samples.
      speakers: number of speakers that the model can be conditioned on; 0 for none.
      local: number of local features that the model takes; 0 for none.
      mixture: components of a mixture of logistics over the levels; 0 for classes.
    """
    return KINDS[model.kind][1](model, q_levels, speakers, local, mixture)
