"""The kinds of voice, by the name that a config's `kind` gives them."""

from typing import Annotated, Any

import pydantic

from babble_jax.errors import BabbleError
from babble_jax.voice.contract import SampleModel
from babble_jax.voice.models.rnn import RNN, RNNConfig
from babble_jax.voice.models.samplernn import SampleRNN, SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNet, WaveNetConfig

KINDS: dict[str, tuple[type, type]] = {
    "samplernn": (SampleRNNConfig, SampleRNN),
    "wavenet": (WaveNetConfig, WaveNet),
    "rnn": (RNNConfig, RNN),
}
DEFAULT = "samplernn"  # of configs that were written when there was no other


def kind_of(model: Any) -> str:
    """The kind of a config, or of the JSON values of one."""
    return model.get("kind", DEFAULT) if isinstance(model, dict) else getattr(model, "kind", DEFAULT)


def config_of(kind: str) -> type:
    """The config class of a kind.

    Raises:
      BabbleError: there is no such kind.
    """
    if kind not in KINDS:
        raise BabbleError(f"There is no kind of voice {kind}; choose from {', '.join(KINDS)}.")
    return KINDS[kind][0]


ModelConfig = Annotated[
    Annotated[SampleRNNConfig, pydantic.Tag("samplernn")]
    | Annotated[WaveNetConfig, pydantic.Tag("wavenet")]
    | Annotated[RNNConfig, pydantic.Tag("rnn")],
    pydantic.Discriminator(
        kind_of,
        custom_error_type="kind",
        custom_error_message=f"kind is none of {', '.join(KINDS)}",
    ),
]


def build(
    model: SampleRNNConfig | WaveNetConfig | RNNConfig, levels: int, speakers: int, local: int
) -> SampleModel:
    """The voice of a config; see the voices for the rest."""
    return KINDS[model.kind][1](model, levels, speakers, local)
