"""The context models that ship: causal, one for each level of Switchboard's offsets."""

import importlib.resources
import json
from pathlib import Path

from babble_jax.errors import BabbleError
from babble_jax.timing.prediction.context_model import ContextModel


def names() -> list[str]:
    """Names of the models that ship."""
    folder = importlib.resources.files("babble_jax") / "presets" / "sequential"
    return sorted(Path(entry.name).stem for entry in folder.iterdir() if entry.name.endswith(".json"))


def load(name: str) -> ContextModel:
    """A model that ships; its `sequential` predicts from offsets alone.

    Raises:
      BabbleError: there is none of that name.
    """
    if name not in names():
        raise BabbleError(f"There is no sequential model {name!r}; choose from {', '.join(names())}.")
    source = importlib.resources.files("babble_jax") / "presets" / "sequential" / f"{name}.json"
    return ContextModel.from_json(json.loads(source.read_text(encoding="utf-8")), name)
