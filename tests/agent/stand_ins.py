"""Stand-ins for an engine and a recorder, so that the server is tested by itself."""

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.agent.server.protocol import Hello
from babble_jax.agent.server.sessions import SessionParts


class EchoEngine:
    """Answers each sample with the one before it by `delay` samples, at half its amplitude.

    Args:
      seconds_per_block: that each block takes to compute.
    """

    sample_rate = 16_000

    def __init__(self, seconds_per_block: float = 0.0):
        self.seconds_per_block = seconds_per_block
        self.ready = np.zeros(320, np.float32)
        self.stepped, self.passed, self.knobs = 0, 0, {}
        self.threads = set()

    def step(self, user: np.ndarray) -> np.ndarray:
        """Takes a block and returns the block before it, halved."""
        time.sleep(self.seconds_per_block)
        self.threads.add(threading.get_ident())
        self.stepped += len(user)
        line = np.concatenate([self.ready, user / 2])
        self.ready = line[len(user) :]
        return line[: len(user)]

    def skip(self, user: np.ndarray) -> np.ndarray:
        """Takes a block without an answer."""
        self.passed += len(user)
        return np.zeros_like(user)

    def set_knobs(self, **knobs: float) -> None:
        """Notes the knobs."""
        self.knobs = knobs

    def drain(self) -> list[Any]:
        """Returns nothing."""
        return []


class ListRecorder:
    """Keeps what is written in memory.

    Args:
      fault: raised by the second `write`.
    """

    def __init__(self, fault: Exception | None = None):
        self.fault, self.blocks, self.entries, self.closed = fault, [], [], 0

    def write(self, user: np.ndarray, agent: np.ndarray, hops: list[Any]) -> None:
        """Keeps a block."""
        if self.fault is not None and self.blocks:
            raise self.fault
        self.blocks.append((user, agent))

    def log(self, entry: dict[str, Any]) -> None:
        """Keeps an entry."""
        self.entries.append(entry)

    def close(self) -> None:
        """Counts how often it was closed."""
        self.closed += 1

    @property
    def user(self) -> np.ndarray:
        """All of the user's samples."""
        return np.concatenate([block[0] for block in self.blocks] or [np.zeros(0)])


class Factory:
    """Makes stand-ins for each client and remembers them.

    Args:
      folder: of recordings; None for none.
      seconds_per_block: see `EchoEngine`.
      fault: see `ListRecorder`.
    """

    def __init__(
        self, folder: Path | None = None, seconds_per_block: float = 0.0, fault: Exception | None = None
    ):
        self.folder, self.seconds_per_block, self.fault = folder, seconds_per_block, fault
        self.hellos: list[Hello] = []
        self.engines: list[EchoEngine] = []
        self.recorders: list[ListRecorder] = []

    def __call__(self, hello: Hello) -> SessionParts:
        """Makes the parts of a session."""
        self.hellos.append(hello)
        self.engines.append(EchoEngine(self.seconds_per_block))
        self.recorders.append(ListRecorder(self.fault))
        folder = None
        if self.folder is not None:
            folder = self.folder / f"session-{len(self.hellos)}"
            folder.mkdir()
            (folder / "dialogue.wav").write_bytes(b"RIFF")
        return SessionParts(self.engines[-1], self.recorders[-1], folder)
