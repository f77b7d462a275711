"""The presets that ship, with the figures on their cards."""

from typing import Any

import jax
import numpy as np

from babble_jax.timing.distributions.model import TimingModel
from babble_jax.timing.preset import TimingPreset, load_timing, timing_names


def catalogue() -> list[dict[str, Any]]:
    """One row of JSON values per preset that ships, by name; see `preset_card`."""
    return [preset_card(load_timing(name)) for name in timing_names()]


def preset_card(preset: TimingPreset) -> dict[str, Any]:
    """A preset's card.

    Returns:
      `name`; `corpus`, `source`, `licence`; `conversations`, `hours`; `floor`: whether it can draw dialogues;
      `per_minute`: of each event in the corpus; `levels`: by level the law's `family`, `offsets`,
      `heldout_nats`, `heldout_crps`, and its own `median` (seconds) and share `below_zero`.
    """
    card = next(iter(preset.models.values())).card
    return {
        "name": preset.name,
        "corpus": card.corpus,
        "source": card.source,
        "licence": card.licence,
        "conversations": card.conversations,
        "hours": preset.reference.get("hours"),
        "floor": preset.floor is not None,
        "per_minute": preset.reference["per_minute"],
        "levels": {fto_level: _law(model) for fto_level, model in preset.models.items()},
    }


def _law(model: TimingModel) -> dict[str, Any]:
    grid = np.linspace(-20, 20, 40001)
    with jax.enable_x64(True):
        cdf = np.asarray(model.cdf(grid))
    return {
        "family": model.family,
        "offsets": model.card.offsets,
        "heldout_nats": model.card.heldout_nats,
        "heldout_crps": model.card.heldout_crps,
        "median": float(np.interp(0.5, cdf, grid)),
        "below_zero": float(np.interp(0.0, grid, cdf)),
    }
