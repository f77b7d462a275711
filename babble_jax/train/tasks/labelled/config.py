"""The configuration that every training on labelled recordings has, whatever it trains."""

import dataclasses
from collections.abc import Mapping
from typing import Annotated

from tyro.conf import Positional, arg

from babble_jax.dataset.labelled.recording import LabelSource, SymbolKind
from babble_jax.train.config import TrainConfig


def _folder_hint(default: str) -> str:
    """Says in the help whether a folder must be named."""
    return "(required to start a run)" if default.strip("'") == "" else f"(default: {default})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledTrainConfig(TrainConfig):
    """Values of a training on labelled recordings; the config of a task extends it by its own fields.

    Attributes:
      recordings: Folder of recordings with labels (`NAME.lab`, `NAME.TextGrid`) or transcripts (`NAME.txt`,
        `metadata.csv`), or of a Festival voice.
      symbols: Which symbols the model has: phones, from labels, or graphemes, from transcripts; auto for phones where
        there are labels.
      labels: Files of the labels; auto for those that most recordings have.
      tier: Name of the tier of phones in TextGrids; by default the one that is called so.
      init_from: Folder of a model whose parameters the run starts from.
    """

    recordings: Annotated[Positional[str], arg(help_behavior_hint=_folder_hint)] = ""
    symbols: SymbolKind = "auto"
    labels: LabelSource = "auto"
    tier: str | None = None
    init_from: str | None = None


def check_highest(config: object, highest: Mapping[str, float]) -> None:
    """Checks that values of a config are at least 0 and at most some number.

    Args:
      config: that has the values.
      highest: number by the name of the value.

    Raises:
      ValueError: one is not; the message names it.
    """
    for name, most in highest.items():
        value = getattr(config, name)
        if not 0 <= value <= most:
            raise ValueError(f"{name} is {value}; choose from 0 to {most:g}")
