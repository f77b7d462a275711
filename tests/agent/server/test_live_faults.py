"""Faults of a live session, with the real agent: sounds of all kinds, a killed server, a full disk, random messages."""

import concurrent.futures
import contextlib
import json
import os
import resource
import signal
import socket
import threading
import time
from pathlib import Path

import numpy as np
import parselmouth
import pytest

from babble_jax.agent.server import protocol
from babble_jax.agent.server.protocol import AudioFrame
from babble_jax.agent.server.sessions import SessionParts
from babble_jax.audio import wave
from experiments.pipelines.live_client import talk
from tests.agent.serving import HELLO, babble_live, serve
from tests.agent.stand_ins import EchoEngine, ListRecorder
from tests.real_speech import read_utterance

pytestmark = pytest.mark.slow
RATE = 16_000
MESSAGES = int(os.environ.get("BABBLE_MESSAGES", "100000"))


def socket_of(address: str) -> str:
    """Returns the address of the socket of a page."""
    return f"{address.replace('http', 'ws')}ws"


def frames(sound: np.ndarray):
    """Cuts sound into frames of 20 ms."""
    return np.asarray(sound, np.float32).reshape(-1, 320)


def speech(seconds: float) -> np.ndarray:
    line = np.concatenate([read_utterance(name) for name in ("ru_0749", "ru_0325", "ru_0712", "ru_0449")])
    return np.resize(line, int(seconds * RATE))


def test_a_killed_server_leaves_files_that_open_in_praat(tmp_path):
    out = tmp_path / "sessions"
    with babble_live(out, "--voice", "clicks") as (address, process):
        threading.Timer(6.0, process.kill).start()
        report = talk(socket_of(address), frames(speech(20)))
        process.wait(20)
        assert process.returncode == -signal.SIGKILL
    (folder,) = out.iterdir()
    sound = parselmouth.Sound(str(folder / "session.wav"))
    assert sound.n_channels == 2
    assert report.received > 2 * RATE
    assert sound.duration > report.received / RATE - 1.02
    grid = parselmouth.read(str(folder / "session.TextGrid"))
    assert grid.class_name == "TextGrid"
    description = json.loads((folder / "session.json").read_text())
    assert description["complete"] is False
    rows = (folder / "decisions.csv").read_text().splitlines()
    assert len(rows) > 100 * sound.duration - 60


def test_a_disk_that_is_full_is_told_and_what_was_written_opens(tmp_path):
    out = tmp_path / "sessions"
    with babble_live(out, "--voice", "clicks", most_bytes=200_000) as (address, _):
        report = talk(socket_of(address), frames(speech(8)))
    assert report.messages.get("warning", 0) >= 1
    assert report.ended["type"] == "ended"
    assert report.missing == 0
    (folder,) = out.iterdir()
    assert 2 < parselmouth.Sound(str(folder / "session.wav")).duration < 4
    assert "cannot be written" in out.with_suffix(".log").read_text()


def tones(seconds: float) -> np.ndarray:
    """Makes music: chords that change each half second."""
    time_axis = np.arange(int(seconds * RATE)) / RATE
    root = 220 * 2 ** (np.array([0, 5, 7, 3])[(2 * time_axis).astype(int) % 4] / 12)
    phase = 2 * np.pi * np.cumsum(root) / RATE
    return 0.2 * np.sin(np.multiply.outer(phase, (1, 1.25, 1.5))).sum(axis=1)


SOUNDS = {
    "silence": lambda seconds: np.zeros(int(seconds * RATE)),
    "speech": speech,
    "clipping": lambda seconds: np.clip(50 * speech(seconds), -1, 1),
    "music": tones,
    "noise": lambda seconds: np.random.default_rng(0).normal(0, 0.3, int(seconds * RATE)),
    "full scale": lambda seconds: np.tile([1.0, -1.0], int(seconds * RATE) // 2),
    "direct current": lambda seconds: np.ones(int(seconds * RATE)),
}


def test_sounds_of_all_kinds_are_answered_and_recorded(tmp_path):
    out = tmp_path / "sessions"
    with (
        babble_live(out, "--voice", "clicks", "--sessions", "8", "--limit", "2") as (address, _),
        concurrent.futures.ThreadPoolExecutor(8) as pool,
    ):
        reports = dict(
            zip(
                SOUNDS,
                pool.map(lambda make: talk(socket_of(address), frames(make(8))), SOUNDS.values()),
                strict=True,
            )
        )
    rows = {}
    for name, report in reports.items():
        folder = Path(report.welcome["folder"])
        sound = wave.read_sound(folder / "session.wav", mono=False).audio
        assert (report.missing, len(sound)) == (0, 8 * RATE), name
        np.testing.assert_allclose(sound[:, 0], SOUNDS[name](8).clip(-1, 1), atol=1e-4)
        events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
        rows[name] = sum(event["event"] == "user began" for event in events)
        assert events[-1]["event"] == "end"
    print(rows)
    assert rows["speech"] >= 2
    assert all(rows[name] <= 2 for name in ("silence", "music", "noise", "full scale", "direct current")), (
        rows
    )


def test_a_client_that_reads_nothing_is_dropped():
    with serve(resume_seconds=0.5) as served, served.connect(max_queue=1, ping_interval=None) as client:
        client.send(json.dumps(HELLO))
        number = 0
        end = time.monotonic() + 40
        with contextlib.suppress(Exception):
            while time.monotonic() < end and not any("vanished" in line for line in served.lines):
                sound = np.zeros(2000, np.float32)
                client.send(protocol.pack_frame(AudioFrame(number, 2000 * number, 0.0, sound), "float32"))
                number += 1
                time.sleep(0.125)
        served.wait_for(lambda: any("vanished" in line for line in served.lines), 5)


class Bare:
    """A WebSocket client that sends what it is told to, whatever the protocol says."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        head = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        self.socket.sendall(head.format(port).encode())
        assert b"101" in self.socket.recv(4096)

    def send(self, opcode: int, data: bytes, first: int = 0x80) -> None:
        size = len(data)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self.socket.sendall(bytes([first | opcode]) + length + bytes(4) + data)

    def close(self) -> None:
        self.socket.close()


def random_message(rng: np.random.Generator, number: int) -> tuple[int, bytes, int]:
    """Draws an opcode, a payload and the bits before the opcode: mostly near to what is right."""
    kind = rng.integers(10)
    if kind < 4:
        count = int(rng.integers(1, 400))
        data = bytearray(protocol.pack_frame(AudioFrame(number, 10 * number, 0.0, rng.normal(0, 0.2, count))))
        for _ in range(int(rng.integers(0, 3))):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        return 2, bytes(data), 0x80
    if kind < 8:
        texts = ("knobs", "notice", "ping", "delay", "stop", "hello", "dance", "")
        values = (1, -1, 1e300, "x", None, [1], {"a": 2}, True, "\u0000", "\ud800")
        message = {"type": texts[int(rng.integers(len(texts)))]}
        for name in ("patience", "values", "clock", "output_delay", "resume", "version"):
            if rng.random() < 0.3:
                message[name] = values[int(rng.integers(len(values)))]
        text = json.dumps(message)
        return 1, text[: None if rng.random() < 0.9 else int(rng.integers(len(text)))].encode(), 0x80
    size = int(rng.integers(0, 600))
    return (
        int(rng.integers(16)),
        rng.bytes(size),
        int(rng.choice([0x80, 0x00, 0xC0, 0xF0], p=[0.9, 0.04, 0.03, 0.03])),
    )


def resident_megabytes() -> float:
    """Measures the memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def test_random_messages_break_nothing_and_leave_nothing(tmp_path):
    rng = np.random.default_rng(0)
    sent = connections = 0
    memory = []

    def make_parts(_):
        return SessionParts(EchoEngine(), ListRecorder())

    with serve(make_parts, sessions=4, resume_seconds=0.2) as served:
        while sent < MESSAGES:
            if connections % 200 == 0:
                served.lines.clear()
                memory.append(resident_megabytes())
            connections += 1
            bare = Bare(served.port)
            with contextlib.suppress(OSError):
                if rng.random() < 0.9:
                    bare.send(1, json.dumps(HELLO).encode())
                for number in range(int(rng.integers(1, 40))):
                    sent += 1
                    bare.send(*random_message(rng, number))
            bare.close()
        assert not any("Traceback" in line for line in served.lines), served.lines
        served.wait_for(lambda: threading.active_count() < 20, 10)
        with served.enter() as (_, answer):
            assert answer["type"] == "welcome"
    print(f"{sent} messages, {connections} connections, megabytes {memory[0]:.1f} to {memory[-1]:.1f}")
    assert memory[-1] - memory[len(memory) // 4] < 20
