"""Records a session while it runs: the sound of both sides, their IPUs, every decision, and the latency passport.

All files are complete at every moment, and not more than a second old: what kills the process, at any moment, takes the
last second at most. A thread of its own writes, so that a slow disk does not keep the agent waiting. The annotation is
written anew each second, of a long session every few seconds.

Axes: T samples of a block.
"""

import contextlib
import datetime
import importlib.metadata
import json
import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import files
from babble_jax.agent.session import decision_table
from babble_jax.agent.session.growing_files import MOST_WAV_BYTES, GrowingFile, GrowingWav
from babble_jax.agent.session.ipu_tracker import AGENT, SPEAKERS, USER, IpuTracker
from babble_jax.agent.session.live_annotation import LiveAnnotation
from babble_jax.agent.session.session_conversation import make_conversation
from babble_jax.audio.pcm import to_int16
from babble_jax.conversation.writing import write_all
from babble_jax.errors import BabbleError
from babble_jax.printable import escape_unprintable
from babble_jax.timing.floor.state import FRAME

KIND = "babble_jax session"
"""Identifies a session in its `session.json`."""
VERSION = 1
"""Of the files of a session."""
SOUND, DESCRIPTION, EVENTS, PARQUET = "session.wav", "session.json", "events.jsonl", "decisions.parquet"
"""Names of the files, beside `decisions.csv` and the annotation."""

_TICK = 0.25  # seconds between two writes
_REFRESH = 1.0  # seconds between two of annotation and description, at least
_BYTES_PER_SECOND = 100_000  # of annotation: longer files are refreshed less often
_PATIENCE = 30.0  # seconds for which sound waits for a full or slow disk
_MOST_WAITING = 200_000  # blocks that wait, an hour of sound: the machine writes nothing at all
_AT_ONCE = 2000  # blocks between two writes
_MOST_VALUES = 500  # of the latency passport
_PASSPORT = ("passport", "hello", "resumed", "notice")


class SessionRecorder:
    """Writes a session into a folder.

    A disk that is full, or fails, stops neither session nor agent: `problem` says so in a sentence, `tell` is called
    with it, and for half a minute all is kept in memory and tried again. If the disk still takes nothing then, the
    recording ends there; what is on disk stays, and opens.

    Args:
      folder: new or empty.
      sample_rate: Hz, of both sides.
      config: of the agent: preset, knobs, seed, voice, cue, delays; JSON values, which `session.json` repeats.
      lag: seconds by which perception is late (`Perception.lag`).
      tell: takes a sentence when something cannot be written; called by the recorder's thread.

    Attributes:
      folder: the folder.
      problem: says what cannot be written; None while all is well.

    Raises:
      BabbleError: the folder is not empty, or cannot be written.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        *,
        sample_rate: int,
        config: dict[str, Any],
        lag: float = 0.0,
        tell: Callable[[str], None] | None = None,
    ):
        self.folder, self.problem = Path(folder), None
        self._rate, self._tell, self._stack = sample_rate, tell, contextlib.ExitStack()
        self._tracker = IpuTracker(sample_rate, round(2 * FRAME * sample_rate), lag)
        self._annotation = LiveAnnotation(self.folder / SOUND, sample_rate, self._tracker)
        self._values: dict[str, Any] = {
            "kind": KIND,
            "version": VERSION,
            "complete": False,
            "began": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "sample_rate": sample_rate,
            "samples": 0,
            "speakers": list(SPEAKERS),
            "lag": lag,
            "problem": None,
            "config": config,
            "versions": {name: importlib.metadata.version(name) for name in ("babble_jax", "jax", "numpy")},
            "passport": {},
            "statistics": {},
        }
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._incoming: list[tuple[np.ndarray | None, Sequence[Any]]] = []
        self._position = 0  # samples given
        self._closing = self._over = False
        self._turn_over = 0.0  # log-odds of the cue, which are logged when they change
        self._since: float | None = None  # when a write began that has not succeeded yet
        self._changed = True  # the description
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        self._thread = threading.Thread(target=self._run, name="session-recorder", daemon=True)
        self._thread.start()

    def _open(self) -> None:
        """Makes the folder and its growing files."""
        self._stack.enter_context(files.lock_folder(self.folder))
        with files.wrap_oserror(self.folder):
            if any(not path.name.startswith(".") for path in self.folder.iterdir()):
                raise BabbleError(f"{self.folder}: is not empty; choose a new folder for the session.")
            self._sound = self._stack.enter_context(
                contextlib.closing(GrowingWav(self.folder / SOUND, self._rate, len(SPEAKERS)))
            )
            self._decisions, self._events = (
                self._stack.enter_context(contextlib.closing(GrowingFile(self.folder / name)))
                for name in (decision_table.NAME, EVENTS)
            )
        self._pending: dict[GrowingFile, bytearray] = {
            file: bytearray() for file in (self._sound, self._decisions, self._events)
        }
        self._write_description()

    def write(self, user: np.ndarray, agent: np.ndarray, hops: Sequence[Any]) -> None:
        """Takes a block of both sides; returns at once, whatever the disk does.

        Args:
          user: [T] float, full scale 1; what is no number is written as silence.
          agent: [T] likewise.
          hops: `EngineHop`s that were decided in the block.
        """
        stereo = np.stack([np.asarray(user, np.float32), np.asarray(agent, np.float32)], axis=1)
        stereo = to_int16(np.nan_to_num(stereo, nan=0.0, posinf=1.0, neginf=-1.0)).astype("<i2")
        self._take(stereo, list(hops))

    def log(self, entry: dict[str, Any]) -> None:
        """Takes an entry of the log: a notice of the client, a change of a knob, a part of the latency passport.

        Args:
          entry: JSON values; `event` names it. Those of the events passport, hello, resumed and notice are the latency
            passport, which `session.json` repeats; those of the event end are the session's statistics.
        """
        self._take(None, [dict(entry)])

    def _take(self, stereo: np.ndarray | None, rest: Sequence[Any]) -> None:
        with self._lock:
            if self._is_stuck() or len(self._incoming) > _MOST_WAITING:
                self._over = True
                self._incoming.clear()
            if self._closing or self._over:
                return
            if stereo is not None:
                self._position += len(stereo)
            elif "sample" not in rest[0]:
                rest[0]["sample"] = self._position
            self._incoming.append((stereo, rest))

    def close(self) -> None:
        """Writes what is left, and the annotation by the usual writers; a second call does nothing."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        self._wake.set()
        self._thread.join()
        with self._stack:
            try:
                self._finish()
            except (BabbleError, OSError) as error:
                self._report(str(error))

    def _run(self) -> None:
        """Writes what came, again and again, until the session is closed or the disk takes nothing any more."""
        refreshed, stale, closing, more = 0.0, False, False, False
        while more or not closing:
            if not more:
                self._wake.wait(_TICK)
                closing = self._closing
            now = time.monotonic()
            try:
                more = self._collect()
                self._since = now if self._since is None else self._since
                self._flush()
                self._since = None
                pause = max(_REFRESH, self._annotation.size / _BYTES_PER_SECOND)
                if now - refreshed >= pause and self._sound.samples and not closing:
                    refreshed, stale = now, True
                    self._annotation.write(self._sound.samples)
                    if self._changed:
                        self._write_description()
                    stale = False
                if not self._over and not stale:
                    self.problem = None
            except OSError as error:
                self._report(
                    f"{self.folder}: cannot be written ({escape_unprintable(error.strerror or error)})"
                )
            except BabbleError as error:
                self._report(str(error))
            except Exception as error:  # a defect must not end the session, nor go unseen
                self._over = True
                self._report(f"{self.folder}: the recorder has failed ({error!r})")
            if self._over or self._is_stuck():
                self._over = True
                self._give_up()
                return

    def _is_stuck(self) -> bool:
        """Returns whether the disk has taken nothing for too long."""
        since = self._since
        return since is not None and time.monotonic() - since > _PATIENCE

    def _collect(self) -> bool:
        """Turns what came first into bytes of the files; returns whether there is more."""
        with self._lock:
            incoming, self._incoming = self._incoming[:_AT_ONCE], self._incoming[_AT_ONCE:]
            more = bool(self._incoming)
        for stereo, rest in incoming:
            if stereo is None:
                self._add_event(rest[0])
                continue
            self._pending[self._sound] += stereo.tobytes()
            for hop in rest:
                if not self._decisions.size and not self._pending[self._decisions]:
                    names = decision_table.column_names(hop.frames[0], hop.user)
                    self._pending[self._decisions] += (",".join(names) + "\n").encode()
                for event in hop.events:
                    self._add_event({"sample": hop.sample, **event})
                    if event.get("event") == "cue":
                        self._turn_over = float(event["log_odds"])
                rows = decision_table.format_rows(hop, self._turn_over, self._rate)
                self._pending[self._decisions] += rows.encode()
        return more

    def _add_event(self, event: dict[str, Any]) -> None:
        """Adds a line of the log, with its time in seconds."""
        event = _plain(event)
        sample = event.get("sample")
        seconds = round(sample / self._rate, 6) if isinstance(sample, int | float) else None
        self._tracker.add(event)
        line = json.dumps({"time": seconds, **event}, ensure_ascii=False)
        self._pending[self._events] += f"{line}\n".encode("utf-8", "backslashreplace")
        rest = {name: value for name, value in event.items() if name not in ("event", "sample")}
        kind = {"end": "statistics"} | dict.fromkeys(_PASSPORT, "passport")
        if event.get("event") in kind and "frame" not in event:
            values = self._values[kind[event["event"]]]
            if len(values.keys() | rest.keys()) <= _MOST_VALUES:
                values |= rest
                self._changed = True

    def _flush(self) -> None:
        """Appends what waits to each file.

        Raises:
          OSError: a file takes nothing more; the others have got theirs.
        """
        failure = None
        if self._sound.size + len(self._pending[self._sound]) > MOST_WAV_BYTES:
            self._over = True
            failure = OSError(0, "a wav holds no more sound")
        for file, content in self._pending.items():
            if not content or (failure is not None and file is self._sound):
                continue
            try:
                count = len(content)
                file.append(content)
                del content[:count]
            except OSError as error:
                failure = failure or error
        if failure is not None:
            raise failure

    def _report(self, reason: str) -> None:
        """Says once what cannot be written."""
        if self.problem is None:
            self.problem = f"{reason.rstrip('.')}; make room, or the recording ends within {_PATIENCE:.0f} s."
            if self._tell is not None:
                self._tell(self.problem)

    def _give_up(self) -> None:
        """Ends the recording before the session."""
        seconds = self._sound.samples / self._rate
        reason = (self.problem or f"{self.folder}: cannot be written").split("; make room")[0]
        self.problem = f"{reason}; the recording ends at {seconds:.1f} s, the session goes on without it."
        for content in self._pending.values():
            content.clear()
        if self._tell is not None:
            self._tell(self.problem)

    def _finish(self) -> None:
        """Writes the files of a session that is over.

        Raises:
          BabbleError: one of them cannot be written.
        """
        samples = self._sound.samples
        lost = any(self._pending.values()) or self._over
        self._values |= {"samples": samples, "problem": self.problem, "complete": not lost}
        self._write_description()
        if samples:
            own = {who: self._tracker.ipus(who, samples) for who in (USER, AGENT)}
            conversation = make_conversation(own, samples, self._rate, (self.folder / SOUND).stem)
            write_all(self.folder / SOUND, conversation)
        if self._decisions.size:
            decision_table.write_parquet(self.folder / PARQUET, self.folder / decision_table.NAME)

    def _write_description(self) -> None:
        files.write_json(self.folder / DESCRIPTION, _plain(self._values))
        self._changed = False


def _plain(value: Any) -> Any:
    """Returns a value as JSON has them: what JSON cannot hold, as text; NaN and infinities as null."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)
