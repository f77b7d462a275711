"""Says by the name of a column of a table, or of a field of JSON, which content it has and in which unit.

The names are those of tables of segments that people publish: CANDOR (`speaker, start, stop, utterance`; Reece et al.
2023), CORAAL (`Spkr, StTime, Content, EnTime`; Kendall & Farrington 2023), Praat's "Down to Table" (`tmin, tier, text,
tmax`), ELAN's export (`Begin Time - ss.msec`), diarization (`onset, offset, label`), lhotse and NeMo (`start,
duration`), and the JSON of services of transcription (`speaker_label, start_time`; `speakerTag, startTime`;
`offsetMilliseconds`). Case, separators within a name and units at its end or beginning do not matter.
A few are also known in German, French, Spanish, Italian, Portuguese and Dutch.
"""

import collections
import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

_NAMES = {
    "conversation": (
        "conversation conversationid conversationname convid conv convo convoid dialogue dialog dialogueid "
        "dialogid session sessionid sessionname recording recordingid recordingname meeting meetingid call "
        "callid dyad dyadid pairid interview interviewid episode episodeid videoid uri filename file fileid "
        "audiofile audiofilename audiofilepath audiopath audio wav wavfile wavname wavfilename soundfile "
        "mediafile sourcefile filepath gespräch gesprächsnr dialognr aufnahme"
    ),
    "speaker": (
        "speaker speakerid speakername speakerlabel speakercode speakertag spk spkid spkname spkr spkrid "
        "participant participantid participantname participantlabel who talker talkerid subject subjectid "
        "person personid interlocutor channel channelid channeltag channelnumber participantrole "
        "speakertype speakerrole sprecher sprecherin locuteur hablante spreker parlante falante versuchsperson"
    ),
    "tier": "tier tiername tierid",
    "start": (
        "start starttime begin begintime onset onsettime tmin xmin sttime tstart tbegin stime "
        "starttimestamp timestart timebegin startsat startat startpoint startoffset beginoffset offsetstart "
        "begtime beg bgn ts fromt fromtime timefrom anfang beginn startzeit debut début inicio inizio"
    ),
    "end": (
        "end endtime stop stoptime offset offsettime tmax xmax entime tend tstop etime endtimestamp timeend "
        "timestop endsat endat endpoint endoffset offsetend finish finishtime endts tot totime timeto ende endzeit fin "
        "fine einde"
    ),
    "duration": "duration dur durationtime timeduration tdur dauer durée duree duración duracion durata duur",
    "text": (
        "text utterance utterancetext word words content value transcript transcription orthography "
        "orthographic sentence token tokentext annotation annotationvalue utt caption punctuatedword "
        "wordsspoken spokenwords spokentext speech äußerung transkript wort énoncé enunciado"
    ),
    "label": "label labels",
    "mark": "mark",
}
ROLE_OF = {name: (role, rank) for role, names in _NAMES.items() for rank, name in enumerate(names.split())}
"""(role, rank) by the name in small letters without separators; of several columns of a role the first rank counts."""
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds", "millis", "milli"), "ms"),
    **dict.fromkeys(("sample", "samples"), "samples"),
    **dict.fromkeys(("frame", "frames"), "frames"),
    "ticks": "ticks",
}
_UNIT_RANK = ("s", "ms", "clock", None, "ticks", "samples", "frames")
_PREFIXES = {
    "segment",
    "seg",
    "utterance",
    "utt",
    "turn",
    "word",
    "speech",
    "interval",
    "ipu",
    "audio",
    "time",
    "voice",
}
_SUFFIXES = {"no", "nr", "num", "number", "code"}
"""Last words of a name that say no more than the others: `session_no`."""
_TIMES = ("start", "end", "duration")
_LONGEST_NAME = 100
"""Characters of a name; a longer one names nothing."""


class Column(NamedTuple):
    """A column that was recognized.

    Attributes:
      position: among the columns, from 0.
      name: as the table writes it.
      key: the name in small letters, without separators and unit.
      unit: that its name says (s, ms, clock, samples, frames or ticks); None where it says none.
    """

    position: int
    name: str
    key: str
    unit: str | None


@functools.lru_cache(4096)
def parse_name(name: str) -> tuple[str, str | None]:
    """Parses the name of a column into its key and the unit that it says."""
    if len(name) > _LONGEST_NAME:
        return "", None
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.strip()).lower()
    if clock := re.search(r"hh?:mm:ss", name):
        frames = re.match(r"hh?:mm:ss[:;.]?ff", name[clock.start() :])
        return _join(name[: clock.start()]), "smpte" if frames else "clock"
    name = re.sub(r"\bss?\.ms(?:ec)?\b", "sec", name)
    words = re.findall(r"[^\W_]+", name)
    unit = None
    if len(words) > 1 and words[-1] in _UNITS:
        unit = _UNITS[words.pop()]
        if len(words) > 1 and words[-1] == "in":
            words.pop()
    elif len(words) > 1 and words[0] in _UNITS and words[0] != "s":
        unit = _UNITS[words.pop(0)]
    if "".join(words) not in ROLE_OF and len(words) > 1 and words[0] in _PREFIXES:
        words = words[1:]
    if "".join(words) not in ROLE_OF and len(words) > 1 and words[-1] in _SUFFIXES:
        words = words[:-1]
    return "".join(words), unit


def _join(name: str) -> str:
    words = re.findall(r"[^\W_]+", name)
    return "".join(words)


def choose_columns(names: Sequence[str], by_user: dict[str, str] | None = None) -> dict[str, Column]:
    """Chooses the column of each role, as far as there is one.

    Args:
      names: of all columns, in their order.
      by_user: name of the column by role, where the user says it; others are found by their names.

    Returns:
      The columns by role. A name that comes twice names no column.
    """
    by_user = by_user or {}
    times = collections.Counter(names)
    columns = [
        Column(index, name, *parse_name(name))
        for index, name in enumerate(names)
        if name and times[name] == 1
    ]
    by_role = {}
    for role, name in by_user.items():
        same = [one for one in columns if one.name.casefold() == name.casefold()]
        if same:
            by_role[role] = same[0]
    free = [
        one for one in columns if one.key in ROLE_OF and one.unit != "smpte" and one not in by_role.values()
    ]
    for role in _NAMES:
        candidates = [one for one in free if ROLE_OF[one.key][0] == role]
        if role not in by_user and candidates:
            like = by_role.get("start") if role in _TIMES else None
            by_role[role] = min(candidates, key=functools.partial(_rank, like=like))
    if (
        "start" not in by_role
        and "duration" in by_role
        and "end" in by_role
        and by_role["end"].key == "offset"
    ):
        by_role["start"] = by_role.pop("end")  # NeMo and Azure: an offset from the start of the recording
    label = by_role.pop("label", None)
    if label is not None and ("text" not in by_role or not {"speaker", "tier"} & set(by_role)):
        by_role["text"] = label  # which may name the speaker
    return by_role


def _rank(column: Column, like: Column | None) -> tuple[bool, int, int]:
    """Ranks a column among those of its role: one in the unit of the start first, then by name and unit."""
    other_unit = like is not None and column.unit != like.unit
    return other_unit, ROLE_OF[column.key][1], _UNIT_RANK.index(column.unit)


def list_missing(by_role: dict[str, Column], speaker: bool = True) -> list[str]:
    """Lists the roles without which there are no segments, and which no column has.

    Args:
      by_role: the columns.
      speaker: whether the speaker must be named.
    """
    missing = ["speaker"] if speaker and not {"speaker", "tier"} & set(by_role) else []
    if "start" not in by_role:
        missing.append("start")
    if not {"end", "duration"} & set(by_role):
        missing.append("end")
    return missing
