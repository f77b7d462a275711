"""Reads a session back from its folder, of one that was killed too; what is damaged is one sentence.

Axes: N frames of decisions.
"""

import dataclasses
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.agent.session import decision_table
from babble_jax.agent.session.ipu_tracker import AGENT, SPEAKERS, USER, IpuTracker
from babble_jax.agent.session.live_annotation import TABLE_HEAD
from babble_jax.agent.session.record import DESCRIPTION, EVENTS, KIND, SOUND, VERSION
from babble_jax.agent.session.session_conversation import make_conversation
from babble_jax.audio.sound_file import MIN_SECONDS, SoundFile
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import inspect
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_folder, parse_json, read_json, read_text
from babble_jax.timing.floor.state import FRAME

_RATES = (1000, 192_000)  # Hz
_MOST_LAG = 10.0  # seconds
_MOST_LINES = 10_000_000  # of the log


@dataclasses.dataclass(frozen=True, eq=False)
class Session:
    """A session as it was recorded.

    Attributes:
      folder: of its files.
      complete: whether it was closed; false of one that was killed, or whose disk was full.
      sample_rate: Hz.
      samples: length of the sound.
      lag: seconds by which perception was late.
      began: when, ISO 8601.
      config: of the agent.
      passport: about devices and delays, as the client told it.
      statistics: of the server.
      conversation: IPUs of "user" and "agent" on the clock of the sound.
      events: the log, in order: dicts with `event`, `sample` and `time`.
      decisions: columns of the table of decisions, [N] float64.
      notes: what is out of the ordinary, sentences.
    """

    folder: Path
    complete: bool
    sample_rate: int
    samples: int
    lag: float
    began: str
    config: dict[str, Any]
    passport: dict[str, Any]
    statistics: dict[str, Any]
    conversation: Conversation
    events: tuple[dict[str, Any], ...]
    decisions: dict[str, np.ndarray]
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return self.samples / self.sample_rate


def read_session(folder: str | os.PathLike, annotation: str | os.PathLike | None = None) -> Session:
    """Reads a session.

    Args:
      folder: that a `SessionRecorder` wrote.
      annotation: a file with the IPUs of "user" and "agent", corrected by hand say, in place of `session.csv`.

    Raises:
      BabbleError: it is none, or a file in it is missing or damaged.
    """
    folder = Path(folder)
    if not is_folder(folder):
        raise BabbleError(f"{folder}: is no folder; name that of a session.")
    if not (folder / DESCRIPTION).exists() and (inner := sorted(folder.glob(f"*/{DESCRIPTION}"))):
        raise BabbleError(
            f"{folder}: is the folder of {len(inner)} sessions; name one of them, the last is {inner[-1].parent}."
        )
    values = _read_description(folder / DESCRIPTION)
    rate, complete = values["sample_rate"], values["complete"]
    notes = []
    samples = _read_length(folder / SOUND, rate, complete, values["samples"])
    if not complete:
        notes.append(
            f"{folder}: the session was cut short; what is there are its first {samples / rate:.1f} s, and the "
            "annotation is made of its log."
        )
    if values["problem"]:
        notes.append(f"{folder}: while it was recorded: {values['problem']}")
    events, note = _read_events(folder / EVENTS, complete)
    notes += [f"{folder / EVENTS}: {note}."] if note else []
    decisions: dict[str, np.ndarray] = {name: np.zeros(0) for name in decision_table.NEEDED}
    path = folder / decision_table.NAME
    if (complete and not path.exists()) or (path.is_file() and path.stat().st_size):
        decisions, note = decision_table.read_table(path, complete)
        notes += [f"{path}: {note}."] if note else []
    if annotation is not None:
        conversation = _read_annotation(Path(annotation), samples, rate)
    elif complete and samples:
        conversation = _read_annotation(folder / Path(SOUND).with_suffix(".csv"), samples, rate)
    else:
        conversation = _replay(events, samples, rate, values["lag"])
    return Session(
        folder=folder,
        complete=complete,
        sample_rate=rate,
        samples=samples,
        lag=values["lag"],
        began=values["began"],
        config=values["config"],
        passport=values["passport"],
        statistics=values["statistics"],
        conversation=conversation,
        events=events,
        decisions=decisions,
        notes=tuple(notes),
    )


def _read_description(path: Path) -> dict[str, Any]:
    """Reads `session.json` and checks its values."""
    values = read_json(path)
    if not isinstance(values, dict) or values.get("kind") != KIND:
        raise BabbleError(f"{path}: describes no session; name the folder of one.")
    if values.get("version") != VERSION:
        raise BabbleError(
            f"{path}: is of another version than {VERSION}; read it with the program that wrote it."
        )
    kinds: Mapping[str, Any] = {
        "complete": lambda x: isinstance(x, bool),
        "sample_rate": lambda x: type(x) is int and _RATES[0] <= x <= _RATES[1] and x * FRAME % 1 == 0,
        "samples": lambda x: type(x) is int and 0 <= x < 2**40,
        "lag": lambda x: _is_number(x) and 0 <= x <= _MOST_LAG,
        "began": lambda x: isinstance(x, str) and len(x) < 100,
        "speakers": lambda x: x == list(SPEAKERS),
        "problem": lambda x: x is None or isinstance(x, str),
        "config": lambda x: isinstance(x, dict),
        "passport": lambda x: isinstance(x, dict),
        "statistics": lambda x: isinstance(x, dict),
    }
    for name, is_valid in kinds.items():
        if name not in values or not is_valid(values[name]):
            raise BabbleError(f"{path}: its {name} is missing or none; the file is damaged.")
    return values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _read_length(path: Path, rate: int, complete: bool, samples: int) -> int:
    """Returns the samples of the sound, after checking its head.

    Args:
      path: of the wav.
      rate: Hz that it must have.
      complete: whether it must hold as many samples as the description says.
      samples: as the description says.
    """
    if not complete and (not path.exists() or path.stat().st_size < 44 + 4 * MIN_SECONDS * rate):
        return 0
    if complete and not samples:
        return 0
    file = SoundFile(path)
    if (file.rate, file.channels) != (rate, len(SPEAKERS)):
        raise BabbleError(
            f"{path}: has {file.rate} Hz and {file.channels} channels where there should be {rate} Hz and 2; it is "
            "no sound of this session."
        )
    length = file.frames or 0
    if complete and length != samples:
        raise BabbleError(
            f"{path}: holds {length} samples where the session has {samples}; it is damaged or was cut."
        )
    return length


def _read_events(path: Path, complete: bool) -> tuple[tuple[dict[str, Any], ...], str | None]:
    """Reads the log; of a session that was cut short without its last line, if that is cut.

    Args:
      path: of the file.
      complete: whether the session was closed.
    """
    lines = read_text(path).split("\n")
    note = None
    if lines.pop() and complete:
        note = "its last line is cut off, and left out"
    if len(lines) > _MOST_LINES:
        raise BabbleError(f"{path}: holds more than {_MOST_LINES} lines; it is damaged.")
    events = []
    for number, line in enumerate(lines, start=1):
        event = parse_json(line, f"{path}, entry {number}", "the file is damaged")
        if not (
            isinstance(event, dict)
            and isinstance(event.get("event"), str)
            and type(event.get("sample", 0)) is int
            and 0 <= event.get("sample", 0) < 2**40
        ):
            raise BabbleError(f"{path}, line {number}: is no entry of a log; the file is damaged.")
        events.append(event)
    return tuple(events), note


def _replay(events: tuple[dict[str, Any], ...], samples: int, rate: int, lag: float) -> Conversation:
    """Makes the conversation of the log.

    Args:
      events: of the log.
      samples: length of the sound.
      rate: Hz.
      lag: seconds by which perception was late.
    """
    tracker = IpuTracker(rate, round(2 * FRAME * rate), lag)
    for event in events:
        tracker.add(event)
    own = {who: tracker.ipus(who, samples) for who in (USER, AGENT)}
    return make_conversation(own, max(samples, 1), rate, Path(SOUND).stem)


def _read_annotation(path: Path, samples: int, rate: int) -> Conversation:
    """Reads the IPUs of both sides.

    Args:
      path: of a file of annotation, in any format that is read.
      samples: length of the sound.
      rate: Hz.
    """
    empty = make_conversation({}, samples, rate, Path(SOUND).stem)
    if path.suffix == ".csv" and read_text(path).strip() == TABLE_HEAD:
        return empty
    reading = inspect([path])
    for skip in reading.skipped:
        line = "" if skip.line is None else f", line {skip.line}"
        raise BabbleError(f"{path}{line}: {skip.reason}; mend it.")
    both = (*reading.conversations, *reading.monologues)
    if len(both) > 1 or any(set(one.speakers) - set(SPEAKERS) for one in both):
        raise BabbleError(
            f"{path}: must hold one conversation of the speakers {' and '.join(SPEAKERS)}; it holds another."
        )
    if not both:
        return empty
    (one,) = both
    seconds = samples / rate
    if ((one.onset < 0) | (one.end > seconds + 0.001) | (one.end < one.onset)).any():
        raise BabbleError(f"{path}: an IPU does not lie within the {seconds:.3f} s of sound; it is damaged.")
    index = np.array([SPEAKERS.index(name) for name in one.speakers], np.int32)
    order = np.lexsort((one.onset, index[one.speaker]))
    return dataclasses.replace(
        empty,
        speaker=index[one.speaker][order],
        onset=one.onset[order],
        end=np.minimum(one.end, seconds)[order],
        mark=one.mark[order],
    )
