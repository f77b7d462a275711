"""The specification of a set of stimuli, a TOML file.

An example: 2 x 3 conditions, 12 items, and 2 catch trials in each list.

    voices = ["voices/ann"]       # one or two folders beside this file, or names of voices that ship
    timing = "switchboard"        # draws the items; or replay = ["talk.TextGrid"], which items are excerpts of
    seconds = 12.0                # of each item, before manipulation
    transfers = 2                 # least number of floor transfers in an item; 1 without it
    items = 12                    # a multiple of the number of conditions
    seed = 1
    counterbalance = ["start", "channel", "voice"]

    [factors.gap]                 # each level: manipulations, by their names and values
    short = { shift_gaps = -0.1 }
    natural = {}
    long = { shift_gaps = 0.3 }

    [factors.overlap]
    with = {}
    without = { remove_overlaps = true }

    [catch]
    trials = 2
    shift_gaps = 3.0

Conditions are all combinations of the factors' levels. No level sets the timing itself: other IPUs would be other
sounds. `swap_offsets` gives the same IPUs another corpus's offsets. `turns = 2` or tables `[[script]]` ask for exact
designs in place of `timing`; the reference of the documentation has every key.
"""

import functools
import itertools
from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field

from babble_jax.conversation.layout.layout import Layout
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.stimuli.lists import FACTORS
from babble_jax.stimuli.spec.designs import Adaptive, ScriptTurn, name_gap
from babble_jax.stimuli.spec.keys import (
    STRICT,
    FilePath,
    PositiveSeconds,
    PresetName,
    Seconds,
    VoiceName,
)
from babble_jax.stimuli.spec.levels import Backchannel, Catch, Condition, Degradation, Level, Treatment
from babble_jax.stimuli.spec.mistakes import SpecFile
from babble_jax.stimuli.spec.output import Output
from babble_jax.stimuli.spec.question import Question

Design = Literal["drawn", "replayed", "exact"]

GAP = 0.2
"""Seconds between turns of an exact design, where nothing else is asked for."""
TURN_SECONDS = (1.0, 2.0)


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class ReplayLayout(Layout):
    """The layout of the annotation to replay, as the file has it."""


class StimulusSpec(pydantic.BaseModel):
    """A set of stimuli; the module's docstring has an example.

    Attributes:
      voices: one or two folders of voices, or names of voices that ship.
      seconds: of each item before manipulation; None for complete conversations of a replay.
      items: their number.
      factors: levels by factor and name.
      timing: a preset or a file of one, from which items are drawn.
      replay: annotation of conversations whose stretches are the items, in place of `timing`.
      layout: how that annotation is laid out, where it is guessed otherwise: `layout.tiers = "..."`.
      transfers: an item has at least as many floor transfers.
      turns: an item has exactly as many turns, A and B in alternation, in place of `timing`.
      script: the turns one by one, in place of `turns`.
      turn_seconds: length of a turn, or a range from which it is drawn for each item.
      gap: offset between turns of an exact design, seconds; None for `GAP`.
      gap_levels: offsets of the critical turn, a factor; a list under the key `gap`.
      critical: number of the turn that `gap` is about; None for the last one.
      backchannels: of an exact design.
      adaptive: a file at every offset.
      recordings: folder of recordings, which are the turns.
      recording_times: CSV of file, onset and end, where those that were detected are wrong.
      ramp: seconds of the fades at the edges of a recording, and of the cross-fades within a turn.
      degrade: degradation of all turns in all conditions.
      catch: trials that a listener is sure to notice.
      counterbalance: the `lists.FACTORS` that vary over items; None for those that the design allows.
      seed: of everything.
      speakers: one of each voice's, where voices have several.
      temperature: of the babble; None for each voice's own.
      top_k: of the babble.
      output: properties of the files.
      question: asked after each item.
    """

    model_config = pydantic.ConfigDict(strict=True, extra="forbid", frozen=True)

    voices: Annotated[tuple[VoiceName, ...], Field(min_length=1, max_length=2)] = (DEFAULT_VOICE,)
    items: int
    seconds: PositiveSeconds | None = None
    factors: dict[str, dict[str, Level]] = {}
    timing: PresetName = "switchboard"
    replay: tuple[FilePath, ...] = ()
    layout: ReplayLayout = ReplayLayout()
    transfers: Annotated[int, Field(ge=0)] = 1
    turns: int | None = None
    script: tuple[ScriptTurn, ...] = ()
    turn_seconds: tuple[PositiveSeconds, ...] = TURN_SECONDS
    gap: Seconds | None = None
    gap_levels: Annotated[tuple[Seconds, ...] | None, Field(alias="gap list")] = None
    critical: int | None = None
    backchannels: tuple[Backchannel, ...] = ()
    adaptive: Adaptive | None = None
    recordings: FilePath | None = None
    recording_times: FilePath | None = None
    ramp: Annotated[float, Field(ge=0, le=0.05)] = 0.005
    degrade: Degradation | None = None
    catch: Catch = Catch()
    counterbalance: tuple[str, ...] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    speakers: tuple[str, ...] = ()
    temperature: float | None = None
    top_k: int = 0
    output: Output = Output()
    question: Question | None = None
    _file: SpecFile = pydantic.PrivateAttr()

    @property
    def file(self) -> SpecFile:
        """The file that it was read from."""
        return self._file

    def model_post_init(self, context: SpecFile) -> None:
        """Keeps the file."""
        self._file = context

    @property
    def design(self) -> Design:
        """The source of the items."""
        if self.turns is not None or self.script:
            return "exact"
        return "replayed" if self.replay else "drawn"

    @functools.cached_property
    def turn_script(self) -> tuple[ScriptTurn, ...]:
        """The turns of an exact design, each with its length or None, its offset or None, and its source."""
        turns = self.script or tuple(ScriptTurn("AB"[k % 2]) for k in range(self.turns or 0))
        return turns

    @property
    def critical_turn(self) -> int:
        """The place of the turn whose offset the levels set, from 0."""
        return len(self.turn_script) - 1 if self.critical is None else self.critical - 1

    @property
    def balanced(self) -> tuple[str, ...]:
        """The properties that vary over items."""
        if self.counterbalance is not None:
            return self.counterbalance
        if self.recordings is not None:
            return ()
        return tuple(name for name in FACTORS if not (name == "start" and self.script))

    @functools.cached_property
    def all_factors(self) -> dict[str, dict[str, Level]]:
        """The factors, that of the key `gap` or of `adaptive` among them."""
        gaps = self.adaptive.gaps if self.adaptive else self.gap_levels
        own = {} if gaps is None else {"gap": {name_gap(gap): Level(gap=gap) for gap in gaps}}
        return own | self.factors

    @functools.cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """All combinations of the factors' levels."""
        conditions = []
        for combination in itertools.product(*(levels.items() for levels in self.all_factors.values())):
            settings: dict[str, Any] = {} if self.degrade is None else {"degrade": self.degrade}
            for _, level in combination:
                settings |= level.settings()
            levels = dict(zip(self.all_factors, (name for name, _ in combination), strict=True))
            conditions.append(Condition(levels, Treatment.combine(settings)))
        return tuple(conditions)


def longest_seconds(spec: StimulusSpec) -> float:
    """Returns how long an item may be, about: as asked for, or a minute where the input decides."""
    output = spec.output
    if spec.design != "exact":
        return (spec.seconds or 60.0) + output.lead_in + output.lead_out
    turns = [max(turn.seconds or spec.turn_seconds) for turn in spec.turn_script]
    gaps = [abs(gap) for gap in (spec.gap, *(turn.gap for turn in spec.turn_script)) if gap]
    gaps += [abs(one.treatment.gap) for one in spec.conditions if one.treatment.gap]
    return sum(turns) + max(gaps, default=0.0) * len(turns) + output.lead_in + output.lead_out
