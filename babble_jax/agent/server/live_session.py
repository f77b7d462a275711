"""Runs one live conversation in a thread of its own: bounded queues around an engine and a recorder.

The network gives frames of the user; the thread answers each with the agent's sound of the same samples. Time is the
user's samples: what is missing is filled with silence, what comes twice is left out, what comes before its time is
refused. When more sound waits than `limit`, the oldest is recorded and passed over without an answer, so that the
delay never grows.

Axes: T samples of a frame.
"""

import collections
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from babble_jax.agent.server.audible_timeline import AudibleTimeline
from babble_jax.agent.server.compute_times import ComputeTimes
from babble_jax.agent.server.protocol import AudioFrame, CloseCode, KnobValues, ProtocolError
from babble_jax.errors import BabbleError
from babble_jax.plural import plural

LIMIT = 0.24
"""Seconds of sound that may wait for the engine, by default."""
AHEAD = 1.0
"""Seconds by which a client's samples may run ahead of the time that has passed."""
DRIFT = 0.005
"""By how much faster than ours a client's clock may run."""
_MOST_WAITING = 120.0  # seconds of sound, beyond which the engine is taken to hang
_BLOCK = 4096  # samples of silence that stand for missing ones, at most at once
_HOPS_PER_MESSAGE = 5


class EngineLike(Protocol):
    """The part of `Engine` that is used here."""

    sample_rate: int

    @property
    def ready(self) -> np.ndarray:
        """The agent's next samples, as far as they are made."""
        ...

    def step(self, user: np.ndarray) -> np.ndarray:
        """Takes [T] samples of the user and returns the agent's."""
        ...

    def skip(self, user: np.ndarray) -> np.ndarray:
        """Takes [T] samples as `step` does, but makes no new sound."""
        ...

    def set_knobs(self, **knobs: float) -> None:
        """Changes knobs of the player."""
        ...

    def drain(self) -> Sequence[Any]:
        """Returns what happened since the last call."""
        ...


class RecorderLike(Protocol):
    """The part of `SessionRecorder` that is used here."""

    def write(self, user: np.ndarray, agent: np.ndarray, hops: Sequence[Any]) -> None:
        """Writes a block.

        Args:
          user: [T] float.
          agent: [T] float, as it is heard beside the user.
          hops: what was decided for it.
        """
        ...

    def log(self, entry: dict[str, Any]) -> None:
        """Writes an entry of the latency passport."""
        ...

    def close(self) -> None:
        """Finishes the files."""
        ...


class LiveSession:
    """One conversation, from the first frame to `close`, over any number of connections.

    Args:
      engine: what decides and speaks; called by the session's thread alone.
      recorder: what writes; called by the session's thread alone.
      limit: seconds of sound that may wait.
      max_seconds: length at which the session ends.
      log: takes a line of text.
      output_delay: seconds from the user's sound at the microphone to the agent's sound of the same number at the ear.
      describe_hops: makes JSON messages for the client of what the engine drained and the output delay in samples.

    Attributes:
      next_sample: number of the sample that must come next.
      ended: sentence that says why the session has ended; None while it runs.
      end_code: one of `CloseCode`.
      lost: samples that never came.
      skipped: samples that were recorded without an answer, since the engine was behind.
      times: milliseconds of computing per block.
    """

    def __init__(
        self,
        engine: EngineLike,
        recorder: RecorderLike,
        *,
        limit: float = LIMIT,
        max_seconds: float = 7200.0,
        log: Callable[[str], None] = print,
        output_delay: float = 0.0,
        describe_hops: Callable[[Sequence[Any], int], list[dict[str, Any]]] = lambda hops, delay: [],
    ):
        self.sample_rate = engine.sample_rate
        self.next_sample = self.lost = self.skipped = 0
        self.ended: str | None = None
        self.end_code = CloseCode.ENDED
        self.times = ComputeTimes()
        self._engine, self._recorder, self._log, self._describe_hops = engine, recorder, log, describe_hops
        self._timeline = AudibleTimeline(self.sample_rate, output_delay)
        self._limit = round(limit * engine.sample_rate)
        self._max_samples = round(max_seconds * engine.sample_rate)
        self._began: float | None = None
        self._condition = threading.Condition()
        self._blocks: collections.deque[tuple[AudioFrame, bool]] = collections.deque()
        self._waiting = 0  # samples
        self._tasks: collections.deque[Callable[[], None]] = collections.deque()
        self._send: Callable[[AudioFrame | dict[str, Any]], None] | None = None
        self._sequence = 0
        self._sent = 0  # the first sample of the agent that was not sent
        self._hops: list[Any] = []
        self._behind = 0  # samples passed over since it was last told
        self._thread = threading.Thread(target=self._run, name="live-session", daemon=True)
        self._thread.start()

    def attach(self, send: Callable[[AudioFrame | dict[str, Any]], None]) -> None:
        """Lets answers go to a connection.

        Args:
          send: takes a frame or a JSON message; called by the session's thread, must not block.
        """
        with self._condition:
            self._send = send

    def detach(self) -> None:
        """Lets answers go nowhere: the client has vanished and may come back."""
        with self._condition:
            self._send = None

    def push(self, frame: AudioFrame) -> None:
        """Takes a frame of the user.

        Raises:
          ProtocolError: its samples run ahead of the time that has passed.
        """
        end = frame.sample + len(frame.audio)
        now = time.monotonic()
        with self._condition:
            if self.ended is not None:
                return
            if self._began is None:
                self._began = now
            most = (AHEAD + (1 + DRIFT) * (now - self._began)) * self.sample_rate
            if end > most:
                raise ProtocolError("samples come faster than time passes", CloseCode.TOO_FAST)
            late = self.next_sample - frame.sample
            if late >= len(frame.audio):
                return  # came before
            if late > 0:
                frame = AudioFrame(
                    frame.sequence,
                    self.next_sample,
                    frame.clock + late / self.sample_rate,
                    frame.audio[late:],
                )
            if late < 0:
                self._fill(-late, frame.clock)
            self._append(frame, False)
            if self._waiting > _MOST_WAITING * self.sample_rate:
                self.ended, self.end_code = "The agent does not answer any more.", CloseCode.FAILED
            self._condition.notify()

    def _fill(self, missing: int, clock: float) -> None:
        """Puts silence where samples never came."""
        self.lost += missing
        while missing:
            count = min(missing, _BLOCK)
            silence = np.zeros(count, np.float32)
            self._append(AudioFrame(0, self.next_sample, clock - missing / self.sample_rate, silence), True)
            missing -= count

    def _append(self, frame: AudioFrame, lost: bool) -> None:
        self._blocks.append((frame, lost))
        self._waiting += len(frame.audio)
        self.next_sample = frame.sample + len(frame.audio)

    def set_knobs(self, knobs: KnobValues) -> None:
        """Lets the engine take other values of its knobs, between two blocks."""
        self._call(lambda: self._set_knobs(knobs))

    def _set_knobs(self, knobs: KnobValues) -> None:
        try:
            self._engine.set_knobs(**vars(knobs))
        except BabbleError as error:
            self.warn(str(error))
            return
        self._recorder.log({"event": "knobs", "sample": self.next_sample, **vars(knobs)})

    def set_output_delay(self, seconds: float) -> None:
        """Notes that the agent is heard later, or sooner, than before."""
        self._call(lambda: self._set_output_delay(seconds))

    def _set_output_delay(self, seconds: float) -> None:
        self._timeline.set_delay(seconds)
        self._recorder.log(
            {"event": "output delay", "sample": self.next_sample, "output_delay": round(seconds, 6)}
        )

    def note(self, entry: dict[str, Any]) -> None:
        """Logs an entry of the latency passport, with the number of the sample that comes next."""
        self._call(lambda: self._recorder.log({"sample": self.next_sample, **entry}))

    def _call(self, task: Callable[[], None]) -> None:
        with self._condition:
            if self.ended is None and len(self._tasks) < 1000:
                self._tasks.append(task)
                self._condition.notify()

    def close(self, text: str, code: int = CloseCode.ENDED) -> None:
        """Ends the session; what has come is answered and recorded, nothing more is taken.

        Args:
          text: a sentence that says why.
          code: one of `CloseCode`.
        """
        with self._condition:
            if self.ended is None:
                self.ended, self.end_code = text, code
            self._condition.notify()

    def join(self, seconds: float | None = None) -> bool:
        """Waits until the files are finished; returns whether they are."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def statistics(self) -> dict[str, Any]:
        """Returns seconds received, lost and passed over, and percentiles of the computing time of a block."""
        rate = self.sample_rate
        return {
            "seconds": round(self.next_sample / rate, 3),
            "lost_seconds": round(self.lost / rate, 3),
            "skipped_seconds": round(self.skipped / rate, 3),
            "blocks": self.times.count,
            "median_ms": self.times.percentile(50),
            "p99_ms": self.times.percentile(99),
            "max_ms": self.times.maximum,
        }

    def _run(self) -> None:
        """Answers frames until the session ends, then finishes the files."""
        try:
            while True:
                with self._condition:
                    while not (self._blocks or self._tasks or self.ended is not None):
                        self._condition.wait()
                    if self.ended is not None and not self._blocks:
                        break
                    tasks, block, behind = list(self._tasks), None, False
                    self._tasks.clear()
                    if self._blocks:
                        block = self._blocks.popleft()
                        behind = self._waiting > self._limit
                        self._waiting -= len(block[0].audio)
                for task in tasks:
                    task()
                if block is not None:
                    self._answer(*block, behind)
        except Exception as error:
            self._fail(error)
        self._finish()
        del (
            self._engine,
            self._recorder,
        )  # a voice takes megabytes, and who ended may still ask for the recording

    def _fail(self, error: Exception) -> None:
        """Ends the session where a disk is full or the engine is defective."""
        if isinstance(error, OSError | BabbleError):
            self.close(f"The recording cannot be written: {error}", CloseCode.DISK)
        else:
            self._log("".join(traceback.format_exception(error)).rstrip())
            self.close("The agent has stopped because of an error; see the server's log.", CloseCode.FAILED)

    def _finish(self) -> None:
        """Writes what is left, as far as that is possible, and tells the client."""
        silence = np.zeros(0, np.float32)
        entry = {"event": "end", "text": self.ended, **self.statistics()}
        for step in (
            lambda: self._recorder.write(silence, silence, self._timeline.take_rest()),
            lambda: self._recorder.log(entry),
            self._recorder.close,
        ):
            try:
                step()
            except Exception as error:
                self._log(f"the recording could not be finished: {error}")
        with self._condition:
            self._blocks.clear()
        self._log(f"session ended: {self.ended} {self.times.summary()}")
        self._tell({"type": "ended", "text": self.ended, "code": self.end_code, **self.statistics()})

    def _answer(self, frame: AudioFrame, lost: bool, behind: bool) -> None:
        """Lets the engine answer one block, or passes over it where it is behind."""
        if lost or (self._behind and not behind):
            self._tell_behind()
        if lost:
            self._recorder.log({"event": "lost", "sample": frame.sample, "samples": len(frame.audio)})
        if behind:
            self._behind += len(frame.audio)
            self.skipped += len(frame.audio)
            agent = self._engine.skip(frame.audio)
            self._sent = frame.sample + len(agent)
        else:
            began = time.perf_counter()
            agent = self._engine.step(frame.audio)
            self.times.add(1000 * (time.perf_counter() - began))
        self._send_sound(frame, agent)
        hops = self._engine.drain()
        sound = self._timeline.push(agent)
        self._recorder.write(frame.audio, sound, self._timeline.take_due(hops))
        self._hops += self._timeline.shift_hops(hops)
        if len(self._hops) >= _HOPS_PER_MESSAGE:
            for message in self._describe_hops(self._hops, self._timeline.delay):
                self._tell(message)
            self._hops = []
        if frame.sample + len(agent) >= self._max_samples:
            self.close("The longest time of a conversation is over.")

    def _send_sound(self, frame: AudioFrame, agent: np.ndarray) -> None:
        """Sends the agent's sound beside a frame, and what follows it and is made already.

        Args:
          frame: of the user.
          agent: [T] beside the frame.
        """
        sound = np.concatenate([agent, self._engine.ready])[max(self._sent - frame.sample, 0) :]
        if not len(sound):
            return
        first = max(self._sent, frame.sample)
        clock = frame.clock + (first - frame.sample) / self.sample_rate
        self._tell(AudioFrame(self._sequence, first, clock, sound))
        self._sequence += 1
        self._sent = first + len(sound)

    def warn(self, text: str) -> None:
        """Tells the client, and the log, what is wrong; from any thread."""
        self._log(text)
        self._tell({"type": "warning", "text": text})

    def _tell(self, answer: AudioFrame | dict[str, Any]) -> None:
        with self._condition:
            send = self._send
        if send is not None:
            send(answer)

    def _tell_behind(self) -> None:
        if not self._behind:
            return
        milliseconds = round(1000 * self._behind / self.sample_rate)
        self._log(f"behind: {plural(milliseconds, 'millisecond')} of sound got no answer")
        self._recorder.log({"event": "behind", "sample": self.next_sample, "samples": self._behind})
        self._tell({"type": "behind", "milliseconds": milliseconds})
        self._behind = 0
