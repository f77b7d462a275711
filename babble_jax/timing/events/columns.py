"""Describes the columns of the tables of events: name, unit and definition, from which their README is written."""

import dataclasses
from collections.abc import Iterator, Mapping

from babble_jax.timing.events.measures import EVENTS, FTO_STATISTICS

TEXT, COUNT, SECONDS, SHARE, BOOLEAN = "text", "count", "s", "share, 0 to 1", "TRUE or FALSE"
PER_MINUTE, SECONDS_PER_MINUTE = "per minute", "s per minute"


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
      name: of the column.
      unit: of its values.
      definition: in words, a sentence without a verb.
    """

    name: str
    unit: str
    definition: str


EVENT_NAMES = {
    "ipu": "IPUs",
    "pause": "pauses",
    "gap": "gaps",
    "overlap_between": "overlaps between",
    "overlap_within": "overlaps within",
    "backchannel": "backchannels",
}
"""Words for events in tables and pages."""
_OF_SPEAKER = {
    "ipu": "IPUs of the speaker",
    "pause": "pauses after which the speaker goes on",
    "gap": "gaps after which the speaker takes the floor",
    "overlap_between": "overlaps after which the speaker takes the floor",
    "overlap_within": "overlaps after which the speaker goes on",
    "backchannel": "backchannels of the speaker",
}
_STATISTICS = {
    "n": (COUNT, "number of {}"),
    "median": (SECONDS, "median of {}"),
    "mean": (SECONDS, "mean of {}"),
    "sd": (SECONDS, "standard deviation of {}, which divides by their number"),
    "below_zero": (SHARE, "share of {} below 0, the overlaps"),
    "below_200ms": (SHARE, "share of {} below 0.2 s"),
    "above_1s": (SHARE, "share of {} above 1 s"),
}


def _event_columns(names: Mapping[str, str]) -> Iterator[Column]:
    for event in EVENTS:
        name = names[event]
        yield Column(f"{event}_count", COUNT, f"number of {name}")
        yield Column(f"{event}_seconds", SECONDS, f"time in {name}")
        yield Column(f"{event}_per_minute", PER_MINUTE, f"number of {name} by observed time")
        yield Column(f"{event}_seconds_per_minute", SECONDS_PER_MINUTE, f"time in {name} by observed time")
        yield Column(f"{event}_median", SECONDS, f"median duration of {name}")


def _fto_columns(whose: str) -> Iterator[Column]:
    for fto_level in ("ipu", "turn"):
        for name in FTO_STATISTICS:
            unit, definition = _STATISTICS[name]
            yield Column(
                f"fto_{fto_level}_{name}", unit, definition.format(f"FTOs at level {fto_level}{whose}")
            )


_CONVERSATION = Column("conversation", TEXT, "name of the conversation")
_TURN_TEXT = (
    Column("from_text", TEXT, "words of the turn before, as the source has them (only with --text)"),
    Column("text", TEXT, "words of the turn that begins (only with --text)"),
)
_IPU_TEXT = Column("text", TEXT, "words of the IPU, as the source has them (only with --text)")
TEXT_COLUMNS = frozenset({_IPU_TEXT.name, *(column.name for column in _TURN_TEXT)})
"""Columns that a table has only where the words were asked for."""

TABLES: dict[str, tuple[Column, ...]] = {
    "conversations": (
        _CONVERSATION,
        Column("corpus", TEXT, "name of the corpus"),
        Column("group", TEXT, "name of the group; conversations of one group share people"),
        Column("language", TEXT, "BCP 47 tag, empty where it is not known"),
        Column("unit", TEXT, "unit of a segment in the source: word, ipu or utterance"),
        Column("time_resolution", SECONDS, "step to which the source rounds its times, 0 where it says none"),
        Column("speakers", COUNT, "speakers who have an IPU, two at least"),
        Column("windows", COUNT, "observed windows; no event crosses the edge of one"),
        Column("seconds", SECONDS, "observed time"),
        Column("silence_share", SHARE, "observed time in which nobody speaks"),
        Column("solo_share", SHARE, "observed time in which exactly one speaker speaks"),
        Column("overlap_share", SHARE, "observed time in which several speak"),
        *_event_columns(EVENT_NAMES),
        *_fto_columns(""),
    ),
    "speakers": (
        _CONVERSATION,
        Column("speaker", TEXT, "name of the speaker, who has an IPU at least"),
        Column("seconds", SECONDS, "observed time of the conversation"),
        Column("speech_share", SHARE, "observed time in which the speaker speaks"),
        Column("share_of_speech", SHARE, "the speaker's part of the time in IPUs of all speakers"),
        *_event_columns(_OF_SPEAKER),
        *_fto_columns(" with which the speaker takes the floor"),
    ),
    "ipus": (
        _CONVERSATION,
        Column("speaker", TEXT, "name of the speaker"),
        Column("start", SECONDS, "onset of the IPU, from the start of the recording"),
        Column("end", SECONDS, "end of the IPU"),
        Column("duration", SECONDS, "end minus start"),
        Column("window", COUNT, "number of the observed window, from 0"),
        Column("window_start", SECONDS, "start of that window"),
        Column("window_end", SECONDS, "end of that window"),
        Column("backchannel", BOOLEAN, "whether the IPU is a backchannel"),
        Column(
            "reason_ipu",
            TEXT,
            "part of the IPU in the sweep at level ipu: defined (it has an FTO), first (of its window), same_speaker "
            "(it extends the turn) or contained (in another speaker's turn)",
        ),
        Column("reason_turn", TEXT, "the same at level turn, and backchannel (left out there)"),
        _IPU_TEXT,
    ),
    "transitions": (
        _CONVERSATION,
        Column("kind", TEXT, "pause, gap, overlap_between, overlap_within, or mixed, which is in no rate"),
        Column("from", TEXT, "speaker of the solo before"),
        Column("to", TEXT, "speaker of the solo after"),
        Column("start", SECONDS, "end of the solo before"),
        Column("end", SECONDS, "start of the solo after"),
        Column("duration", SECONDS, "end minus start"),
    ),
    "ftos": (
        _CONVERSATION,
        Column("from", TEXT, "speaker of the turn before"),
        Column("to", TEXT, "speaker of the turn that begins"),
        Column("from_start", SECONDS, "start of the turn before"),
        Column("from_end", SECONDS, "end of the turn before"),
        Column("start", SECONDS, "start of the turn that begins"),
        Column("end", SECONDS, "end of the turn that begins"),
        Column("fto", SECONDS, "floor-transfer offset: start minus from_end, below 0 for an overlap"),
        Column("kind", TEXT, "gap (fto of 0 or more) or overlap"),
        Column("level", TEXT, "ipu (between all IPUs) or turn (backchannels are left out); choose one"),
        Column(
            "backchannel",
            BOOLEAN,
            "whether the IPU that begins the turn is a backchannel; never at level turn",
        ),
        *_TURN_TEXT,
    ),
}
"""Columns of each table, in their order."""

WORDS = """\
- IPU, inter-pausal unit: a stretch of one speaker's speech that holds no own silence as long as `merge`.
- solo: a stretch of time in which exactly one speaker speaks.
- pause, gap: one silence between two solos, of the same speaker or of different ones.
- overlap within, overlap between: one overlap between two solos, of the same speaker or of different ones.
- backchannel: an IPU of at most `backchannel_max` with own silence of `backchannel_isolation` or more on both sides,
  that lies inside an IPU of another speaker, or between two of theirs.
- turn: what one speaker says until another speaker goes on longer. At level ipu all IPUs count, at level turn those
  that are no backchannels.
- FTO, floor-transfer offset: the time from the end of one turn to the start of the next, below 0 for an overlap."""
"""Definitions of the words that the columns use, in short."""

_ROWS = {
    "conversations": "a row for each conversation in which two people or more are heard",
    "speakers": "a row for each speaker of each conversation",
    "ipus": "a row for each inter-pausal unit (IPU)",
    "transitions": "a row for each pause, gap and overlap between two solos",
    "ftos": "a row for each floor-transfer offset (FTO) at each level",
}


def table_columns(name: str, text: bool = False) -> tuple[Column, ...]:
    """Lists the columns of a table; `text` includes those of words."""
    return tuple(column for column in TABLES[name] if text or column.name not in TEXT_COLUMNS)


def columns_text(text: bool = True) -> str:
    """Formats the description of all tables as Markdown; `text` includes the columns of words."""
    parts = []
    for name in TABLES:
        rows = [
            f"| `{column.name}` | {column.unit} | {column.definition} |"
            for column in table_columns(name, text)
        ]
        head = f"## {name}\n\n{_ROWS[name].capitalize()}.\n\n| column | unit | definition |\n|---|---|---|"
        parts.append("\n".join([head, *rows]))
    return "\n\n".join(parts)
