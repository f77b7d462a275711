"""JSON with segments and their speakers, of whatever programme: of diarization, or of transcription with diarization.

Read without knowing which: WhisperX (`segments`, `words`; Bain et al. 2023), pyannote (`speaker, start, end`;
pyannote.core's `content`), insanely-fast-whisper (`speakers`, `timestamp`), Amazon Transcribe (`speaker_labels`) and
Connect (`Transcript`), Google (`speakerTag`, `startTime: "1.2s"`), Azure (`phrases`, `offsetMilliseconds`), Deepgram
and AssemblyAI (`utterances`), Speechmatics (`results`, `alternatives`), Rev.ai (`monologues`, `elements`), lhotse's
supervisions and NeMo's manifests, which are an object in each line.

- `json_segments` says which objects are segments, and which list of them is taken: words where they all have times.
- Times are seconds, AssemblyAI's milliseconds, or what the name of the field says; as in a table, what would be no
  speech is refused, and `--time-unit` says the unit. Segments without a speaker are skipped, and a transcript without
  any is refused.
- The conversation is the recording that a segment names, or else the file. The window is the first start to the last
  end.
"""

import re
from typing import Any

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats import seglst
from babble_jax.conversation.formats.columns import ROLE_OF, parse_name
from babble_jax.conversation.formats.json_conversations import read_conversations
from babble_jax.conversation.source import Skip, Source
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json

NAME = "transcript_json"

_KEY = re.compile(r'"([A-Za-z_]{1,40})"\s*:')
_LISTS = {
    "segments",
    "words",
    "word_segments",
    "utterances",
    "chunks",
    "speakers",
    "monologues",
    "diarization",
}
_RELATIVE = {"supervisions"}
"""Fields of lhotse's cuts, whose times are relative to a cut."""
_SERVICES = (
    {"jobName", "results"},
    {"metadata", "results", "channels"},
    {"audio_url", "language_code"},
    {"metadata", "audio_items"},
)
"""Fields of services whose text may be longer than the head of a file, before any time."""


def sniff(head: str) -> bool:
    """Returns whether a file begins as JSON of objects with a start, an end or a duration, and a speaker or words."""
    if not re.match(r"\s*[\[{]", head) or seglst.sniff(head):
        return False
    keys = set(_KEY.findall(head))
    if keys & _RELATIVE:
        return False
    roles = {ROLE_OF[key][0] for name in keys if (key := parse_name(name)[0]) in ROLE_OF}
    if any(service <= keys for service in _SERVICES):
        return True
    times = "timestamp" in keys or ("start" in roles and roles & {"end", "duration"})
    offsets = "duration" in roles and any(parse_name(name)[0] == "offset" for name in keys)
    return bool(times or offsets) and bool(roles & {"speaker", "label", "text"} or keys & _LISTS)


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a file."""
    value, skipped = parse_values(source)
    if value is None:
        return [], skipped
    annotations, reasons = read_conversations(value, source, _unit(value))
    return annotations, [*skipped, *reasons]


def parse_values(source: Source) -> tuple[Any, list[Skip]]:
    """Parses a file of JSON, or of an object in each line.

    Args:
      source: the file.

    Returns:
      The value, a list where there are lines, None where it is neither; and the lines that are broken.
    """
    try:
        return parse_json(source.text, "", finite=False), []
    except BabbleError as error:
        reason = str(error).lstrip(": ,").removesuffix("; mend or replace the file.")
    lines = [(number, line) for number, line in enumerate(source.text.split("\n"), 1) if line.strip()]
    values, skipped = [], []
    for number, line in lines:
        try:
            value = parse_json(line, "", finite=False) if line.lstrip().startswith("{") else None
        except BabbleError:
            value = None
        if isinstance(value, dict):
            values.append(value)
        else:
            skipped.append(Skip(source.path, number, "no object of JSON"))
        if len(skipped) > 10 * (len(values) + 1):  # one value over many lines
            break
    if not values:
        return None, [Skip(source.path, None, reason)]
    return values, skipped


def _unit(value: Any) -> str | None:
    """Returns milliseconds for what AssemblyAI writes, as its documentation says."""
    service = isinstance(value, dict) and "utterances" in value
    return (
        "ms"
        if service and {"audio_url", "audio_duration", "language_model", "speech_model"} & set(value)
        else None
    )
