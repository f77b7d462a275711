"""Runs a live agent for an hour: through the engine, and through server and WebSocket.

    python -m experiments.bench.live
    python -m experiments.bench.live --voice FOLDER --results soak.json

The engine runs as fast as it can, ten minutes on one core; the server runs an hour in real time, in a process of its
own that is held to one core, with a client that sends hops of 20 ms as a page does. Half of what the user says is the
excerpt of speech that ships, at the times of one side of simulated dialogues.

`hop_milliseconds` are those of a hop of 20 ms by the clock, `hop_processor_milliseconds` those of the processor, which
other programs do not lengthen. `memory_megabytes` is the process's own, every minute. `trip_milliseconds` lie between
the sending of a hop and the coming of the sound that follows it, in the first and in the last tenth of the session.
`sound_decision_milliseconds` are between the decisions and the first and last sample that is heard.
"""

import array
import dataclasses
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import tyro

from babble_jax.agent.live_agent import freeze_heap
from babble_jax.agent.make_engine import make_engine
from babble_jax.audio import wave
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.timing.preset import load_timing
from experiments.pipelines.live_client import talk
from experiments.pipelines.live_partner import RATE, read_speech
from experiments.pipelines.results import write_results

_HOP = 320
_DIALOGUE, _DIALOGUES = 300.0, 4  # seconds, and their number, after which they begin again
PERCENTILES = {"median": 50, "p95": 95, "p99": 99, "p99.9": 99.9, "max": 100}
_SERVE = "from babble_jax.cli import main; main()"


@dataclasses.dataclass(frozen=True)
class Bench:
    """Measures an hour of a live agent.

    Attributes:
      minutes: Length of the engine's run; 0 for none.
      socket_minutes: Length of the session through the server, in real time; 0 for none.
      voice: Name or folder of the voice that speaks.
      results: JSON file to write.
    """

    minutes: float = 60.0
    socket_minutes: float = 60.0
    voice: str = DEFAULT_VOICE
    results: Path = Path("experiments/results/bench_live.json")

    def run(self) -> None:
        """Measures, prints and writes."""
        values: dict[str, Any] = {}
        if self.minutes:
            values["engine"] = run_engine(self.minutes, self.voice)
            print(values["engine"], flush=True)
        if self.socket_minutes:
            values["socket"] = run_server(self.socket_minutes, self.voice)
            print(values["socket"], flush=True)
        write_results(self.results, values)


def user_hops() -> list[np.ndarray]:
    """Makes hops of a user who speaks when one side of simulated dialogues does, over a soft noise."""
    floor, draws = load_timing("switchboard").require_floor(2), np.random.default_rng(0)
    speech, hops = read_speech(), []
    for dialogue in floor.draw(1, range(_DIALOGUES), _DIALOGUE):
        line = draws.normal(0, 3e-4, round(_DIALOGUE * RATE)).astype(np.float32)
        own = dialogue.speaker == 0
        for onset, end in zip(dialogue.onset[own], dialogue.end[own], strict=True):
            first, last = round(onset * RATE), round(end * RATE)
            begin = int(draws.integers(len(speech) - (last - first)))
            line[first:last] += speech[begin : begin + last - first]
        hops += list(line.reshape(-1, _HOP))
    return hops


def _repeat(hops: list[np.ndarray], minutes: float) -> Iterator[np.ndarray]:
    """Yields hops again and again for so long."""
    return itertools.islice(itertools.cycle(hops), round(minutes * 60 * RATE / _HOP))


def run_engine(minutes: float, voice: str = DEFAULT_VOICE) -> dict[str, Any]:
    """Runs an engine as fast as it can.

    Args:
      minutes: of sound.
      voice: name or folder of the voice.
    """
    hops = user_hops()
    engine = make_engine(voice=voice, seed=1)
    engine.warm_up()
    engine.drain()
    freeze_heap()
    milliseconds, processor = (
        array.array("d"),
        array.array("d"),
    )  # lists of floats would grow by 0.2 MB a minute
    memory, decisions, edges = [], [], []
    speaking = 0
    for number, hop in enumerate(_repeat(hops, minutes)):
        begin = time.process_time()
        engine.step(hop)
        processor.append(1000 * (time.process_time() - begin))
        for one in engine.drain():
            milliseconds.append(one.milliseconds)
            speaking += sum(frame.on for frame in one.frames)
            for event in one.events:
                (decisions if event["event"] in ("turn", "backchannel", "end") else edges).append(event)
        if number % 3000 == 0:
            memory.append(_memory(os.getpid()))
    return {
        "minutes": minutes,
        "hop_milliseconds": _percentiles(milliseconds),
        "hop_processor_milliseconds": _percentiles(processor),
        "memory_megabytes": memory,
        "share_speaking": speaking / (2 * len(milliseconds)),
        "sound_decision_milliseconds": _sound_against_decisions(decisions, edges),
        "position_seconds": engine.position / RATE,
    }


def run_server(minutes: float, voice: str = DEFAULT_VOICE) -> dict[str, Any]:
    """Runs a session through `babble live` in real time.

    Args:
      minutes: of the session.
      voice: name or folder of the voice.
    """
    hops = user_hops()
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        command = [
            sys.executable,
            "-c",
            _SERVE,
            "live",
            "--voice",
            voice,
            "--port",
            str(port),
            "--out",
            folder,
            "--minutes",
            "600",
        ]
        core = min(os.sched_getaffinity(0))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of JAX, about forking: the child runs another program at once
            server = subprocess.Popen(
                ["taskset", "-c", str(core), *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        memory: list[float] = []

        def watched() -> Iterator[np.ndarray]:
            for number, hop in enumerate(_repeat(hops, minutes)):
                if number % 3000 == 0:
                    memory.append(_memory(server.pid))
                yield hop

        try:
            _wait_for(port)
            begin = time.process_time()
            report = talk(f"ws://127.0.0.1:{port}/ws", watched())
            client_seconds = time.process_time() - begin
            processor = _processor_seconds(server.pid)
        finally:
            server.terminate()
            server.wait(30)
        (recording,) = Path(folder).glob("*/session.wav")
        recorded = wave.read(recording, mono=False)[0].shape
    tenth = max(len(report.trips) // 10, 1)
    return {
        "minutes": minutes,
        "ended": report.ended,
        "summary": report.summary(),
        "trip_milliseconds": {
            "first_tenth": _percentiles(report.trips[:tenth]),
            "last_tenth": _percentiles(report.trips[-tenth:]),
        },
        "samples": {"sent": report.sent, "received": report.received, "recorded": list(recorded)},
        "memory_megabytes": memory,
        "server_processor_share": processor / (60 * minutes),
        "client_processor_share": client_seconds / (60 * minutes),
    }


def _sound_against_decisions(decisions: list[dict], edges: list[dict]) -> dict[str, dict[str, float]]:
    """Compares the samples of decisions and of what is heard; seconds of silence within an IPU are no end."""
    result = {}
    for name, events, edge in (
        ("began", ("turn", "backchannel"), "sound began"),
        ("ended", ("end",), "sound ended"),
    ):
        at = np.array([event["sample"] for event in decisions if event["event"] in events])
        sound = np.array([event["sample"] for event in edges if event["event"] == edge])
        nearest = at[np.clip(np.searchsorted(at, sound - 0.12 * RATE), 0, len(at) - 1)]
        late = 1000 * (sound - nearest) / RATE
        late = late[np.abs(late) < 120]
        result[name] = {
            q: round(float(np.percentile(late, p)), 2) for q, p in (("p5", 5), ("median", 50), ("p95", 95))
        }
        result[name]["count"] = len(late)
    return result


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    return {name: round(float(np.percentile(values, q)), 3) for name, q in PERCENTILES.items()}


def _memory(process: int) -> float:
    """Reads the memory of a process that is in use, in megabytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait_for(port: int, seconds: float = 180.0) -> None:
    """Waits until the server answers, which it does once the voice is loaded."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    jax.config.update("jax_platforms", "cpu")
    tyro.cli(Bench).run()
