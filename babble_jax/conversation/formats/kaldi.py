"""Kaldi's data folders: `segments`, each utterance with its recording, start and end, beside `utt2spk`, its speaker.

- `segments` (`utterance recording start end`) is the file that is read; of the folder it is in, `utt2spk` says who
  speaks, `reco2file_and_channel` which recordings are channels of one conversation, and `text` what is spoken, which
  tells laughter and noise.
- Without `utt2spk` the speaker is the beginning of the utterance's name, up to the numbers at its end, as Kaldi asks
  for; that is a guess, which is printed. Where it makes each utterance a speaker of its own, the file is refused.
- The conversation is the recording, or the file that `reco2file_and_channel` names; without it, recordings whose
  names agree but for a channel at their end (`sw02001-A`, `sw02001-B`) are one conversation.
- An end of -1 is that of the recording, which is not known here: the utterance is skipped. The window is the first
  onset to the last end.

The format: "Data preparation" in Kaldi's documentation (kaldi-asr.org/doc/data_prep.html).
"""

import re
from pathlib import Path

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.formats.recording_names import split_channels
from babble_jax.conversation.source import (
    Row,
    Skip,
    Source,
    annotate,
    count_matches,
    parse_interval,
    parse_lines,
    quote,
)
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_bytes

NAME = "kaldi"
SEGMENTS, SPEAKERS, TEXT, CHANNELS = "segments", "utt2spk", "text", "reco2file_and_channel"
BESIDE = frozenset(
    {SPEAKERS, TEXT, CHANNELS, "spk2utt", "wav.scp", "feats.scp", "cmvn.scp", "spk2gender", "utt2dur", "utt2num_frames",
     "reco2dur", "utt2uniq", "utt2lang", "glm", "frame_shift"}
)  # fmt: skip
"""Names of the other files of such a folder."""

_LINE = re.compile(
    r"\S+[ \t]+\S+[ \t]+[0-9]+(?:\.[0-9]*)?[ \t]+(?:[0-9]+(?:\.[0-9]*)?|-1)(?:[ \t]+[AB012])?[ \t]*"
)
_UTTERANCE = re.compile(r"(\S*[^\s\d_.-])[-_.]+\d[\d_.-]*")
_SHORT = re.compile(r"[A-Za-z]?[0-9]{1,2}|[A-Za-z]|[A-Z]{2,3}|<NA>|<na>")


def sniff(head: str) -> bool:
    """Returns whether most lines of a file's head are those of `segments`, and not of UEM.

    These look alike; here the recording has more than the name of a channel, or the utterance's name holds it.
    """
    matches, count = count_matches(head, _LINE)
    if not matches or matches < 0.8 * count:
        return False
    rows = [line.split() for line in head.split("\n") if _LINE.fullmatch(line)]
    within = sum(f"-{row[1]}-" in re.sub(r"[-_.]+", "-", f"-{row[0]}-") for row in rows)
    return not all(_SHORT.fullmatch(row[1]) for row in rows) or within >= 0.8 * len(rows)


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads every conversation of a folder, whatever their number."""
    folder = Path(source.path).parent
    try:
        speakers = _read_map(folder / SPEAKERS)
        texts, channels = _read_map(folder / TEXT), _read_map(folder / CHANNELS)
    except BabbleError as error:
        return [], [Skip(source.path, None, quote(str(error).removeprefix(f"{folder}/")))]
    notes = ()
    if not speakers:
        speakers = _guess_speakers(source.text)
        if not speakers:
            return [], [
                Skip(source.path, None, f"the file {SPEAKERS}, which says who speaks, is not beside it")
            ]
        notes = (f"speakers by the beginning of the names of utterances, since no {SPEAKERS} is beside it",)

    def parse_row(line: str) -> Row:
        fields = line.split()
        if len(fields) not in (4, 5):
            raise ValueError(f"{len(fields)} fields where there should be 4 (utterance recording start end)")
        if fields[0] not in speakers:
            raise ValueError(f"{SPEAKERS} has no utterance '{quote(fields[0])}'")
        times = parse_interval(fields[2], fields[3])
        return Row(fields[1], speakers[fields[0]], *times, label=texts.get(fields[0], "") if texts else None)

    recordings, skipped = parse_lines(source, parse_row)
    split = split_channels(recordings)
    conversations: dict[str, list[Row]] = {}
    for recording, rows in recordings.items():
        id = (
            channels[recording].split()[0]
            if channels.get(recording)
            else split.get(recording, (recording,))[0]
        )
        conversations.setdefault(id, []).extend(Row(id, *_values(row)) for row in rows)
    return [
        annotate(rows, source, by_label=True, empty="speech", notes=notes) for rows in conversations.values()
    ], skipped


def _guess_speakers(text: str) -> dict[str, str]:
    """Guesses the speaker of each utterance by its name; none where utterances share no speaker, or all are one's."""
    utterances = [fields[0] for line in text.split("\n") if (fields := line.split(maxsplit=1))]
    speakers = {name: match[1] for name in utterances if (match := _UTTERANCE.fullmatch(name))}
    shared = 1 < len(set(speakers.values())) < len(utterances)
    return speakers if shared and len(speakers) == len(set(utterances)) else {}


def _values(row: Row) -> tuple:
    return row.speaker, row.onset, row.end, row.mark, row.label


def _read_map(path: Path) -> dict[str, str]:
    """Reads a file of `key value` lines; a file that is not there holds none.

    Raises:
      BabbleError: the file cannot be read.
    """
    if not is_file(path):
        return {}
    lines = (line.split(maxsplit=1) for line in read_bytes(path).decode("utf-8", "replace").split("\n"))
    return {
        fields[0]: fields[1].strip() for fields in lines if len(fields) == 2 and "\ufffd" not in fields[1]
    }
