"""A live agent's server in a thread of this process, at a free port, and clients for it."""

import contextlib
import dataclasses
import http.client
import json
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from websockets.sync.client import ClientConnection, connect

from babble_jax.agent.server import protocol
from babble_jax.agent.server.protocol import AudioFrame
from babble_jax.agent.server.server import ServerConfig, listen, make_app, server_options
from babble_jax.agent.server.sessions import OpenSession
from tests.agent.stand_ins import Factory

HELLO = {"type": "hello", "version": 1, "sample_rate": 16_000}


class Served:
    """A running server.

    Attributes:
      port: that it listens at.
      factory: that makes engines and recorders.
      lines: of its log.
    """

    def __init__(self, port: int, factory: Any, lines: list[str]):
        self.port, self.factory, self.lines = port, factory, lines

    def connect(self, host: str | None = None, **options: Any) -> AbstractContextManager[ClientConnection]:
        """Opens a WebSocket, as a request for another host where one is named.

        The client takes what comes without a bound: one that stops reading once its queue is full never sees that the
        server closed the connection.
        """
        authority = f"127.0.0.1:{self.port}"
        raw = socket.create_connection(("127.0.0.1", self.port))
        return connect(
            f"ws://{host or authority}/ws", sock=raw, compression=None, **{"max_queue": None, **options}
        )

    @contextlib.contextmanager
    def enter(self, **hello: Any) -> Iterator[tuple[ClientConnection, dict[str, Any]]]:
        """Connects, says hello and gives the connection with the answer."""
        with self.connect() as client:
            client.send(json.dumps({**HELLO, **hello}))
            yield client, json.loads(client.recv(10))

    def request(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Sends an HTTP request; returns the status, headers and body of the answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(link):
            link.request(method, path, headers=headers)
            answer = link.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()

    def wait_for(self, condition: Callable[[], Any], seconds: float = 5.0) -> None:
        """Waits until a condition holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.lines
            time.sleep(0.005)


@contextlib.contextmanager
def serve(
    factory: OpenSession | None = None, proxy: Callable[[int], Any] | None = None, **options: Any
) -> Iterator[Served]:
    """Runs a server while the block runs.

    Args:
      factory: makes engine and recorder; stand-ins where None.
      proxy: takes the server's port and returns what stands before it, with a `port` of its own.
      **options: of the server.
    """
    factory = Factory() if factory is None else factory
    lines: list[str] = []
    listener, config = listen(ServerConfig(port=0, **options))
    if proxy is not None:
        config = dataclasses.replace(config, port=proxy(config.port).port)
    server = uvicorn.Server(server_options(make_app(config, factory, lines.append), config))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.002)
    try:
        yield Served(config.port, factory, lines)
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
        assert not thread.is_alive()


def pack(number: int, audio: np.ndarray | None = None, size: int = 320) -> bytes:
    """Packs the frame of a number, of constant sound where none is given."""
    audio = np.full(size, 0.5, np.float32) if audio is None else audio
    return protocol.pack_frame(AudioFrame(number, number * size, number * size / 16_000, audio))


def expect_end(client: ClientConnection) -> dict[str, Any]:
    """Reads until the conversation has ended; returns the server's last message."""
    while True:
        message = client.recv(10)
        if isinstance(message, str) and json.loads(message)["type"] == "ended":
            return json.loads(message)


@contextlib.contextmanager
def babble_live(
    out: Path, *options: str, most_bytes: int | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Runs `babble live` in a process of its own, whose log goes beside `out`; gives its address and the process.

    Args:
      out: folder of the recordings.
      *options: of the command line.
      most_bytes: of a file; None for no limit.
    """

    def limit():
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    command = [sys.executable, "-c", "from babble_jax.cli import main; main()", "live", "--port", "0"]
    errors = out.with_suffix(".log")
    with (
        errors.open("w") as log,
        subprocess.Popen(
            [*command, "--out", str(out), *options],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=limit,
        ) as process,
    ):
        assert process.stdout is not None
        address = next(line.split()[1] for line in process.stdout if line.startswith("open"))
        time.sleep(0.5)
        try:
            yield address, process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
