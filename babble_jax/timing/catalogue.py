"""Lists the timing presets that ship, by their cards."""

from typing import Any

import jax
import numpy as np

from babble_jax.plural import plural
from babble_jax.timing.distributions.model import TimingModel
from babble_jax.timing.preset import TimingPreset, load_timing, timing_names


def list_presets() -> list[dict[str, Any]]:
    """Returns the cards of the presets that ship, by name; see `preset_card`."""
    return [preset_card(load_timing(name)) for name in timing_names()]


def preset_card(preset: TimingPreset) -> dict[str, Any]:
    """Summarizes a preset as JSON values.

    Returns:
      `name`; `corpus`, `source`, `licence`; `conversations`, `hours`; `floor`: whether it can draw dialogues, and
      `floor_speakers` of how many people;
      `per_minute`: of each event in the corpus; `levels`: by level, of its distribution of FTOs, the `family`,
      `offsets`, `heldout_nats`, `heldout_crps`, and its own `median` (seconds) and share `below_zero`.
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
        "floor_speakers": preset.floor.card.speakers if preset.floor else None,
        "per_minute": preset.reference["per_minute"],
        "levels": {fto_level: _offset_card(model) for fto_level, model in preset.models.items()},
    }


def _offset_card(model: TimingModel) -> dict[str, Any]:
    points = np.linspace(-20, 20, 40001)
    with jax.enable_x64(True):
        cdf = np.asarray(model.cdf(points))
    return {
        "family": model.family,
        "offsets": model.card.offsets,
        "heldout_nats": model.card.heldout_nats,
        "heldout_crps": model.card.heldout_crps,
        "median": float(np.interp(0.5, cdf, points)),
        "below_zero": float(np.interp(0.0, points, cdf)),
    }


def presets_text(rows: list[dict[str, Any]]) -> str:
    """Lays out the cards of presets in lines: one paragraph per preset."""
    lines = []
    for row in rows:
        floor = f"; floor of {row['floor_speakers']} speakers" if row["floor"] else "; no floor"
        lines += [
            f"{row['name']}: {plural(row['conversations'], 'conversation')}, {row['hours']:.1f} h of "
            f"{row['corpus']}{floor}",
            "  per minute: "
            + ", ".join(f"{name.replace('_', ' ')} {value:.1f}" for name, value in row["per_minute"].items()),
        ]
        for fto_level, model in row["levels"].items():
            lines.append(
                f"  level {fto_level}: {model['family']}, {model['offsets']} offsets, "
                f"{model['heldout_nats']:.3f} nats held out; "
                f"median {1000 * model['median']:.0f} ms, {model['below_zero']:.0%} below 0"
            )
        lines += [f"  {row[key]}" for key in ("source", "licence") if row[key]] + [""]
    return "\n".join(lines).rstrip()
