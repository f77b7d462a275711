"""Timing presets: all that is fitted on one corpus, in one JSON file that ships or that `babble fit --out` writes.

Axes: C conversations.
"""

import dataclasses
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from babble_jax import config, files
from babble_jax.arguments import check_arguments
from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_json
from babble_jax.presets import registry
from babble_jax.timing.distributions.binned import bin_widths
from babble_jax.timing.distributions.families import FAMILIES, PARAMETRIC
from babble_jax.timing.distributions.family import to_json
from babble_jax.timing.distributions.model import OffsetModelCard, TimingModel
from babble_jax.timing.events import Definitions, FtoLevel, events, pool_ftos
from babble_jax.timing.floor.scene import LEAD, cut_scene
from babble_jax.timing.floor.simulator import FloorSimulator

_EVENTS = ("ipu", "pause", "gap", "overlap_between", "overlap_within", "backchannel")
_TABLE = {
    "per_minute": _EVENTS,
    "seconds_per_minute": _EVENTS,
    "fto": ("n", "median", "mean", "sd", "below_zero", "below_200ms", "above_1s"),
}
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
    """

    name: str
    definitions: Definitions
    models: dict[FtoLevel, TimingModel]
    floor: FloorSimulator | None
    reference: dict[str, Any]

    def __post_init__(self):
        if not self.models:
            raise ValueError("a preset holds at least one model")
        parts = {f"the model of level {fto_level}": model for fto_level, model in self.models.items()}
        for part, model in {**parts, "the floor": self.floor}.items():
            if model is not None and model.definitions != self.definitions:
                raise ValueError(f"{part} was fitted under other definitions than the preset's")
        missing = {"per_minute", "seconds_per_minute", "fto"} - set(self.reference)
        if missing:
            raise ValueError(f"reference lacks {', '.join(sorted(missing))}")
        for part, names in _TABLE.items():
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
        files.write_text(path, _readable(self.to_json()))


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
    values = read_json(source, _MAX_BYTES, remedy="write the preset again with babble fit --out")
    if not isinstance(values, dict):
        raise BabbleError(f"{source}: no timing preset; write one with babble fit --out.")
    return TimingPreset.from_json(values, str(source))


@check_arguments
def fit_timing(
    conversations: Sequence[Conversation],
    name: str,
    definitions: Definitions | None = None,
    source: str = "",
    licence: str = "",
    floor: bool = True,
    families: Sequence[str] = (),
) -> TimingPreset:
    """Fits all that a preset holds, as for the presets that ship (`experiments/release/presets.py`).

    At each level the parametric family with the best held-out score is taken, and fitted again on all offsets; the
    floor is scored and fitted after the same split, if the corpus has enough events (`missing_events`).

    Args:
      conversations: the corpus.
      name: of the preset.
      definitions: of the events; the standard ones where absent.
      source: where the corpus is to be had, one line for the card.
      licence: terms of the corpus, one line for the card.
      floor: whether to fit the floor, which takes longer than all the rest.
      families: names of the parametric families to choose from; all of them by default.

    Returns:
      The preset; its `save` writes the JSON file that `load_timing` and `babble converse --timing` read.

    Raises:
      BabbleError: too little to fit, see `fit`; or a family that a preset cannot hold.

    Examples:
      >>> preset = fit_timing(read("corpus").conversations, "mine", families=["normal"], floor=False)
      >>> preset.save("mine.json")
      >>> load_timing("mine.json").models["turn"].family
      'normal'
    """
    # A preset is read far more often than fitted: what only fits it is loaded here.
    from babble_jax.timing.evaluation.offsets.ranking import fit
    from babble_jax.timing.floor.fit import fit_and_score_floor, missing_events

    definitions = definitions or Definitions()
    parametric = [family.name for family in PARAMETRIC]
    if wrong := sorted(set(families) - set(parametric)):
        raise BabbleError(f"A preset cannot hold {', '.join(wrong)}; choose from {', '.join(parametric)}.")
    corpus = " + ".join(dict.fromkeys(conversation.corpus for conversation in conversations))
    models: dict[FtoLevel, TimingModel] = {}
    for fto_level in get_args(FtoLevel):
        report = fit(conversations, fto_level, definitions, families or parametric)
        best = report.families[0]
        fto = pool_ftos(conversations, fto_level, definitions)
        card = OffsetModelCard(
            corpus=corpus,
            conversations=len(conversations),
            offsets=len(fto),
            definitions_version=definitions.version,
            heldout_nats=best.heldout_nats,
            heldout_crps=best.crps,
            heldout_offsets=report.heldout.offsets,
            source=source,
            licence=licence,
        )
        parameters = to_json(
            FAMILIES[best.name].fit(fto.fto, bin_widths(fto.time_resolution[fto.conversation]))
        )
        model = TimingModel(best.name, parameters, fto_level, definitions, card)
        models[fto_level] = dataclasses.replace(model, card=dataclasses.replace(card, **model.summarize()))
    simulator = None
    if floor and not missing_events(conversations, definitions):
        simulator = fit_and_score_floor(conversations, definitions)
    summary = events(conversations, definitions)
    reference = {key: summary[key] for key in ("conversations", "hours", *_TABLE)}
    return TimingPreset(name, definitions, models, simulator, reference)


def _readable(value: Any, indent: str = "") -> str:
    """JSON with one line per key, and lists of numbers kept on one line."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    inner = indent + "  "
    rows = [f"{inner}{json.dumps(key)}: {_readable(item, inner)}" for key, item in value.items()]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
