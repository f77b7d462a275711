"""Lists the timing presets that ship, by their cards, without building their models."""

from typing import Any

from babble_jax.input_files import read_json
from babble_jax.plural import plural
from babble_jax.presets import registry


def list_presets() -> list[dict[str, Any]]:
    """Returns the cards of the presets that ship, by name; see `preset_card`."""
    paths = [registry.path("timing", name) for name in registry.names("timing")]
    return [preset_card(read_json(path)) for path in paths]


def preset_card(preset: dict[str, Any]) -> dict[str, Any]:
    """Summarizes a preset as JSON values.

    Args:
      preset: JSON values of a `TimingPreset`. Where the cards of its models hold no median, it is computed.

    Returns:
      `name`; `corpus`, `source`, `licence`; `conversations`, `hours`; `floor`: whether it can draw dialogues, and
      `floor_speakers` of how many people;
      `per_minute`: of each event in the corpus; `levels`: by level, of its distribution of FTOs, the `family`,
      `offsets`, `heldout_nats`, `heldout_crps`, and its own `median` (seconds) and share `below_zero`.
    """
    card = next(iter(preset["models"].values()))["card"]
    return {
        "name": preset["name"],
        "corpus": card["corpus"],
        "source": card["source"],
        "licence": card["licence"],
        "conversations": card["conversations"],
        "hours": preset["reference"].get("hours"),
        "floor": preset["floor"] is not None,
        "floor_speakers": preset["floor"]["card"]["speakers"] if preset["floor"] else None,
        "per_minute": preset["reference"]["per_minute"],
        "levels": {fto_level: _offset_card(model) for fto_level, model in preset["models"].items()},
    }


def _offset_card(model: dict[str, Any]) -> dict[str, Any]:
    card = model["card"]
    if card.get("median") is None:
        from babble_jax.timing.distributions.model import TimingModel

        card = card | TimingModel.from_json(model).summarize()
    names = ("offsets", "heldout_nats", "heldout_crps", "median", "below_zero")
    return {"family": model["family"], **{name: card[name] for name in names}}


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
                f"{_nats(model['heldout_nats'])}; "
                f"median {1000 * model['median']:.0f} ms, {model['below_zero']:.0%} below 0"
            )
        lines += [f"  {row[key]}" for key in ("source", "licence") if row[key]] + [""]
    return "\n".join(lines).rstrip()


def _nats(value: float | None) -> str:
    return "nothing held out" if value is None else f"{value:.3f} nats held out"
