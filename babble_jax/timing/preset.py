"""Everything that was fitted on one corpus, in one JSON file: what ships, and what `babble fit --out` makes.

Axes: C conversations.
"""

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from babble_jax import config, files
from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.timing.distributions.censored import bin_widths
from babble_jax.timing.distributions.families import FAMILIES, PARAMETRIC
from babble_jax.timing.distributions.family import to_json
from babble_jax.timing.distributions.model import Card, TimingModel
from babble_jax.timing.evaluation.floor.chain import FloorChain, fit_chain
from babble_jax.timing.evaluation.floor.scores import fit_scored
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.events import Definitions, FtoLevel, offsets, summary
from babble_jax.timing.floor.scene import LEAD, cut_scene
from babble_jax.timing.floor.simulator import FloorSimulator


@dataclasses.dataclass(frozen=True)
class Preset:
    """The timing of one corpus.

    Attributes:
      name: of the preset.
      models: laws of the offsets, by level.
      floor: the generative floor for two; None where no conversation is one of two.
      reference: the table of the corpus, as `events.summary` gives it, with `fto` at level "ipu".
      simulator: the floor as competing hazards, for any number of speakers; None where none was fitted.
    """

    name: str
    models: dict[FtoLevel, TimingModel]
    floor: FloorChain | None
    reference: dict[str, Any]
    simulator: FloorSimulator | None = None

    def __post_init__(self):
        if not self.models:
            raise ValueError("a preset holds at least one model")
        missing = {"per_minute", "seconds_per_minute", "fto"} - set(self.reference)
        if missing:
            raise ValueError(f"reference lacks {', '.join(sorted(missing))}")

    def dialogues(self, seed: int, count: int, seconds: float) -> list[Conversation]:
        """Dialogues of two that begin in silence and cut no IPU, drawn from the simulator, or from the plain floor
        where none was fitted.

        Raises:
          BabbleError: the preset is not of conversations of two.
        """
        if self.floor is None:
            raise BabbleError(
                f"The timing preset {self.name} knows no floor for two and draws no dialogue; take one that was "
                "fitted on conversations of two."
            )
        if self.simulator is None:
            return [self.floor.sample(seed + number, seconds) for number in range(count)]
        return [cut_scene(drawn, seconds) for drawn in self.simulator.draw(seed, range(count), seconds + LEAD)]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "preset") -> "Preset":
        """The preset that `to_json` gave; `source` names it in errors.

        Raises:
          BabbleError: not a preset.
        """
        return config.from_json(cls, values, source)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the JSON file that `load_preset` reads."""
        files.write_text(path, _readable(self.to_json()))


def preset_names() -> list[str]:
    """Names of the presets that ship."""
    return registry.names("timing")


def load_preset(name_or_path: str | os.PathLike) -> Preset:
    """A preset that ships, by name, or one of your own, by path.

    Raises:
      BabbleError: neither; a file that cannot be read or is no preset.
    """
    name = str(name_or_path)
    if name in preset_names():
        source = registry.path("timing", name)
    elif Path(name).is_file():
        source = Path(name)
    else:
        raise BabbleError(
            f"There is no preset or file {name!r}; the presets are {', '.join(preset_names())}."
        )
    try:
        values = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BabbleError(f"{source}: cannot be read ({error}).") from error
    except json.JSONDecodeError as error:
        raise BabbleError(
            f"{source}, line {error.lineno}: no valid JSON ({error.msg}); write the preset again with "
            "babble fit --out."
        ) from error
    if not isinstance(values, dict):
        raise BabbleError(f"{source}: no timing preset; write one with babble fit --out.")
    return Preset.from_json(values, str(source))


def make_preset(
    conversations: Sequence[Conversation],
    name: str,
    definitions: Definitions | None = None,
    source: str = "",
    licence: str = "",
    simulator: bool = False,
) -> Preset:
    """Fits all that a preset holds. Those that ship are what it makes of their corpora (`experiments/release/presets.py`).

    At each level the small family with the best held-out score is taken, and fitted again on all offsets; so is the
    simulator, after the same split.

    Args:
      conversations: the corpus.
      name: of the preset.
      definitions: of the events; the standard ones where absent.
      source: where the corpus is to be had, one line for the card.
      licence: terms of the corpus, one line for the card.
      simulator: whether to fit the simulator, too, which takes longer than all the rest.

    Raises:
      BabbleError: too little to fit, see `fit` and `fit_chain`.
    """
    definitions = definitions or Definitions()
    corpus = " + ".join(dict.fromkeys(conversation.corpus for conversation in conversations))
    models: dict[FtoLevel, TimingModel] = {}
    for fto_level in get_args(FtoLevel):
        report = fit(conversations, fto_level, definitions, [family.name for family in PARAMETRIC])
        best = report.families[0]
        found = offsets(conversations, fto_level, definitions)
        card = Card(
            corpus=corpus,
            conversations=len(conversations),
            offsets=len(found),
            definitions_version=definitions.version,
            heldout_nats=best.heldout_nats,
            heldout_crps=best.crps,
            heldout_offsets=report.heldout.offsets,
            source=source,
            licence=licence,
        )
        parameters = to_json(
            FAMILIES[best.name].fit(found.value, bin_widths(found.time_resolution[found.conversation]))
        )
        models[fto_level] = TimingModel(best.name, parameters, fto_level, definitions, card)
    dyads = any(len(conversation.speakers) == 2 for conversation in conversations)
    floor = fit_chain(conversations, definitions) if dyads else None
    hazards = fit_scored(conversations, definitions) if simulator else None
    return Preset(name, models, floor, summary(conversations, definitions), hazards)


def _readable(value: Any, indent: str = "") -> str:
    """JSON with one line per key, and lists of numbers kept on one line."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    inner = indent + "  "
    rows = [f"{inner}{json.dumps(key)}: {_readable(item, inner)}" for key, item in value.items()]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
