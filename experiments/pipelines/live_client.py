"""Talks to a running `babble live` as a page does, without a browser: for soaks, and as a model of other clients.

The protocol is that of docs/live-protocol.md. Axes: T samples.
"""

import contextlib
import dataclasses
import json
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from babble_jax.agent.server import protocol
from babble_jax.agent.server.protocol import AudioFrame


@dataclasses.dataclass
class ClientReport:
    """What a client saw of a session.

    Attributes:
      welcome: first message of the server.
      ended: its last message; empty where there was none.
      sent: samples.
      received: samples of the agent.
      missing: samples of the agent that never came.
      trips: [N] milliseconds from the sending of a frame to the sound that follows it.
      lateness: [N] milliseconds by which a frame was sent later than its time.
      messages: JSON messages by type.
      audio: [T] the agent's sound, where it is kept.
    """

    welcome: dict[str, Any]
    ended: dict[str, Any] = dataclasses.field(default_factory=dict)
    sent: int = 0
    received: int = 0
    missing: int = 0
    trips: list[float] = dataclasses.field(default_factory=list)
    lateness: list[float] = dataclasses.field(default_factory=list)
    messages: dict[str, int] = dataclasses.field(default_factory=dict)
    audio: list[np.ndarray] = dataclasses.field(default_factory=list)

    def summary(self) -> dict[str, float]:
        """Returns percentiles of the trips and counts."""
        trips = np.array(self.trips or [0.0])
        return {
            "seconds": self.sent / self.welcome["sample_rate"],
            "missing_samples": self.missing,
            "trip_median_ms": float(np.median(trips)),
            "trip_p99_ms": float(np.percentile(trips, 99)),
            "trip_max_ms": float(trips.max()),
            "sent_late_p99_ms": float(np.percentile(self.lateness or [0.0], 99)),
        }


def talk(
    url: str,
    user: Iterable[np.ndarray],
    *,
    output_delay: float = 0.1,
    speed: float = 1.0,
    keep_audio: bool = False,
    **hello: Any,
) -> ClientReport:
    """Sends frames in real time and collects the answers.

    Args:
      url: of the socket, `ws://127.0.0.1:8765/ws`.
      user: frames [T] of float at the server's rate, 16 kHz for each voice that ships.
      output_delay: seconds that the hello announces.
      speed: of time; the server refuses a client that is faster than 1 for long.
      keep_audio: whether the agent's sound is kept.
      **hello: further values of the hello.

    Returns:
      What was sent and came back.
    """
    with connect(url, compression=None, max_size=2**20) as socket:
        first = {
            "type": "hello",
            "version": protocol.VERSION,
            "sample_rate": 16_000,
            "output_delay": output_delay,
        }
        socket.send(json.dumps({**first, **hello}))
        report = ClientReport(json.loads(socket.recv(60)))
        if report.welcome["type"] != "welcome":
            raise RuntimeError(report.welcome.get("text", "no welcome"))
        sent_at: dict[int, float] = {}
        receiver = threading.Thread(target=_receive, args=(socket, report, sent_at, keep_audio), daemon=True)
        receiver.start()
        rate, began = report.welcome["sample_rate"], time.perf_counter()
        for number, audio in enumerate(user):
            due = began + (report.sent + len(audio)) / rate / speed  # a frame is there when it is over
            pause = due - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            if not receiver.is_alive():
                return report
            report.lateness.append(1000 * (time.perf_counter() - due))
            frame = AudioFrame(number, report.sent, report.sent / rate, audio)
            report.sent += len(audio)
            sent_at[report.sent] = time.perf_counter()
            with contextlib.suppress(ConnectionClosed):
                socket.send(protocol.pack_frame(frame))
        with contextlib.suppress(ConnectionClosed):
            socket.send(json.dumps({"type": "stop"}))
        receiver.join(60)
    return report


def _receive(
    socket: ClientConnection, report: ClientReport, sent_at: dict[int, float], keep_audio: bool
) -> None:
    """Collects answers until the session has ended, or the connection."""
    for message in _messages(socket):
        now = time.perf_counter()
        if isinstance(message, str):
            value = json.loads(message)
            report.messages[value["type"]] = report.messages.get(value["type"], 0) + 1
            if value["type"] in ("ended", "error"):
                report.ended = value
                return
            continue
        frame = protocol.unpack_frame(message)
        report.missing += max(frame.sample - report.received, 0)
        report.received = frame.sample + len(frame.audio)
        # The sound that follows a frame of the user is sent as soon as that one has come.
        if (then := sent_at.pop(frame.sample, None)) is not None:
            report.trips.append(1000 * (now - then))
        if keep_audio:
            report.audio.append(frame.audio)


def _messages(socket: ClientConnection) -> Iterator[str | bytes]:
    """Yields messages until the connection ends, in whatever way."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield socket.recv()
