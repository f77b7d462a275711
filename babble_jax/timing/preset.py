"""Timing presets: all that is fitted on one corpus, in one JSON file that ships or that `babble fit --out` writes."""

import dataclasses
import functools
import math
import os
from pathlib import Path
from typing import Any

from babble_jax import config, files
from babble_jax.arguments import check_arguments
from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_json
from babble_jax.json_layout import format_json
from babble_jax.presets import registry
from babble_jax.timing.distributions.model import TimingModel
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.floor.belief import PauseDistribution
from babble_jax.timing.floor.policy import DEFAULT_CURVE, PolicyCurve
from babble_jax.timing.floor.scene import LEAD, cut_scene
from babble_jax.timing.floor.simulator import FloorSimulator

_EVENTS = ("ipu", "pause", "gap", "overlap_between", "overlap_within", "backchannel")
REFERENCE_ROWS = {
    "per_minute": _EVENTS,
    "seconds_per_minute": _EVENTS,
    "fto": ("n", "median", "mean", "sd", "below_zero", "below_200ms", "above_1s"),
}
"""The tables of a corpus, and the rows of each, that a preset holds as reference."""
POLICY_PRESET = "switchboard"
"""Preset whose policies are taken where a preset has none."""
_MAX_BYTES = 16 * 1024**2  # a preset that ships has 0.1 MB


@dataclasses.dataclass(frozen=True)
class TimingPreset:
    """Holds the timing of one corpus.

    Attributes:
      name: of the preset.
      definitions: of the events, under which all of it was fitted.
      models: distributions of the floor-transfer offsets, by level.
      floor: the generative model of the floor; None for a corpus of too few events, or where it was left out.
      reference: the table of the corpus, as `events.events` gives it, with `fto` at level "ipu".
      policies: how a live seat of this floor acts that knows the other late; None where they were not fitted.
      pauses: how often a silence is a pause within an IPU; None where the corpus does not time words.
    """

    name: str
    definitions: Definitions
    models: dict[FtoLevel, TimingModel]
    floor: FloorSimulator | None
    reference: dict[str, Any]
    policies: PolicyCurve | None = None
    pauses: PauseDistribution | None = None

    def __post_init__(self):
        if not self.models:
            raise ValueError("a preset holds at least one model")
        if self.policies is not None and self.floor is None:
            raise ValueError("policies belong to a floor, and the preset holds none")
        parts = {f"the model of level {fto_level}": model for fto_level, model in self.models.items()}
        for part, model in {**parts, "the floor": self.floor}.items():
            if model is not None and model.definitions != self.definitions:
                raise ValueError(f"{part} was fitted under other definitions than the preset's")
        missing = {"per_minute", "seconds_per_minute", "fto"} - set(self.reference)
        if missing:
            raise ValueError(f"reference lacks {', '.join(sorted(missing))}")
        for part, names in REFERENCE_ROWS.items():
            rows = self.reference[part]
            numbers = [rows.get(name) for name in names] if isinstance(rows, dict) else [None]
            optional = part == "fto" and isinstance(rows, dict) and rows.get("n") == 0
            if not (optional or all(isinstance(x, int | float) and math.isfinite(x) for x in numbers)):
                raise ValueError(f"reference.{part} must hold numbers: {', '.join(names)}")

    def require_floor(self, speakers: int | None = None) -> FloorSimulator:
        """Returns the floor, of conversations of so many speakers if that matters.

        Raises:
          BabbleError: the preset has none, or its floor was fitted on conversations of another number of speakers.
        """
        if self.floor is None:
            raise BabbleError(
                f"The timing preset {self.name} holds no floor, without which no dialogue is drawn; fit one on more "
                "conversations, with babble fit --out and without --no-floor."
            )
        if speakers not in (None, self.floor.card.speakers):
            raise BabbleError(
                f"The floor of the timing preset {self.name} was fitted on conversations of "
                f"{self.floor.card.speakers} speakers, not of {speakers}; take another preset."
            )
        return self.floor

    def policy_curve(self) -> tuple[PolicyCurve, str]:
        """Returns the policies of a live seat and the name of the preset for whose floor they were fitted.

        A preset without policies of its own takes those of `POLICY_PRESET`.
        """
        if self.policies is not None:
            return self.policies, self.name
        return _shipped_curve(), POLICY_PRESET

    def draw_dialogues(self, seed: int, count: int, seconds: float) -> list[Conversation]:
        """Draws dialogues that begin in silence and cut no IPU, of as many speakers as those of the corpus.

        Args:
          seed: 64 bits.
          count: number of dialogues.
          seconds: length of each.

        Raises:
          BabbleError: the preset has no floor.
        """
        floor = self.require_floor()
        drawings = floor.draw(seed, range(count), seconds + LEAD, floor.card.speakers)
        return [cut_scene(dialogue, seconds) for dialogue in drawings]

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "preset") -> "TimingPreset":
        """Makes the preset from the values of `to_json`; `source` names it in errors.

        Raises:
          BabbleError: not a preset.
        """
        return config.from_json(cls, values, source)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the JSON file that `load_timing` reads."""
        files.write_text(path, format_json(self.to_json()))


@functools.cache
def _shipped_curve() -> PolicyCurve:
    return load_timing(POLICY_PRESET).policies or DEFAULT_CURVE


def timing_names() -> list[str]:
    """Returns the names of the presets that ship."""
    return registry.names("timing")


@check_arguments
def load_timing(name_or_path: str | os.PathLike) -> TimingPreset:
    """Reads a preset that ships, by name, or one of your own, by path.

    Args:
      name_or_path: name of a preset that ships (`babble timings` lists them), or a file that `save` wrote.

    Returns:
      The preset: `models` (distributions of floor-transfer offsets by level), `floor`, `reference` (the table of the
      corpus) and `definitions`.

    Raises:
      BabbleError: neither; a file that cannot be read or is no preset.

    Examples:
      >>> timing = load_timing("switchboard")
      >>> sorted(timing.models)
      ['ipu', 'turn']
      >>> 0.3 < float(timing.models["ipu"].cdf(0.0)) < 0.5  # share of overlaps
      True
    """
    name = str(name_or_path)
    if name in timing_names():
        source = registry.path("timing", name)
    elif is_file(name):
        source = Path(name)
    else:
        raise BabbleError(
            f"There is no preset or file {name!r}{registry.suggest('timing', name)}; the presets are "
            f"{', '.join(timing_names())}."
        )
    try:
        values = read_json(source, _MAX_BYTES, remedy="write the preset again with babble fit --out")
    except BabbleError as error:
        if not isinstance(error.__context__, UnicodeDecodeError):
            raise
        raise BabbleError(
            f"{source}: this is no timing; name a preset ({', '.join(timing_names())}) or a JSON file that "
            "babble fit --out wrote."
        ) from error
    if not isinstance(values, dict):
        raise BabbleError(f"{source}: no timing preset; write one with babble fit --out.")
    return TimingPreset.from_json(values, str(source))
