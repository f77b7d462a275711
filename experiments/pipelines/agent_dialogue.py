"""Lets two agents talk with each other: each hears the other as sound, and knows nothing else of them.

Axes: T samples, H hops, S = 2 agents.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence

import numpy as np

from babble_jax.agent.engine import Engine
from babble_jax.agent.engine_state import EngineHop
from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.dialogue.detection import measure_ipus
from babble_jax.errors import BabbleError

SPEAKERS = ("A", "B")


@dataclasses.dataclass(frozen=True, eq=False)
class AgentDialogue:
    """A dialogue of two agents.

    Attributes:
      audio: [T, S] float32.
      sample_rate: Hz.
      hops: of each agent.
      processor_seconds: [H, S] that the computation of each hop took, of the processor.
    """

    audio: np.ndarray
    sample_rate: int
    hops: tuple[list[EngineHop], list[EngineHop]]
    processor_seconds: np.ndarray

    def decided(self, id: str = "agents", first: float = 0.0) -> Conversation:
        """Returns the IPUs as they were decided, from a time in seconds on, which becomes 0."""
        rows = []
        for speaker, hops in enumerate(self.hops):
            on = np.array([frame.on for hop in hops for frame in hop.frames], int)
            edges = np.flatnonzero(np.diff(np.concatenate([[0], on, [0]]))).reshape(-1, 2)
            size = 2 * len(hops) and (hops[1].sample - hops[0].sample) / 2 / self.sample_rate
            rows += [(speaker, onset * size, end * size) for onset, end in edges.tolist()]
        return self._conversation(rows, id, first)

    def measured(self, id: str = "agents", first: float = 0.0) -> Conversation:
        """Returns the IPUs as they are measured in the sound, from a time in seconds on, which becomes 0."""
        rows = []
        for speaker in range(2):
            onset, end = measure_ipus(self.audio[:, speaker], self.sample_rate)
            rows += [(speaker, *pair) for pair in zip(onset.tolist(), end.tolist(), strict=True)]
        return self._conversation(rows, id, first)

    def _conversation(self, rows: Sequence[tuple[int, float, float]], id: str, first: float) -> Conversation:
        length = len(self.audio) / self.sample_rate - first
        values = np.array(rows, np.float64).reshape(-1, 3)
        values = values[values[:, 2] > first]
        return Conversation(
            id=id,
            corpus="two agents",
            speakers=SPEAKERS,
            speaker=values[:, 0].astype(np.int32),
            onset=np.maximum(values[:, 1] - first, 0.0),
            end=np.minimum(values[:, 2] - first, length),
            mark=np.full(len(values), Mark.SPEECH, np.uint8),
            unit="ipu",
            language=None,
            group=id,
            windows=np.array([[0.0, length]]),
        )


def let_talk(
    engines: tuple[Engine, Engine], seconds: float, advance: Callable[[int], None] = lambda samples: None
) -> AgentDialogue:
    """Lets two engines talk; the air between them adds no delay.

    Args:
      engines: of one sample rate, at their beginning.
      seconds: length of the dialogue; what is less than a hop is left out.
      advance: called with the number of samples since the last call.

    Raises:
      BabbleError: their sample rates differ, or the length is impossible.
    """
    first, second = engines
    if first.sample_rate != second.sample_rate:
        raise BabbleError(f"The agents have {first.sample_rate} and {second.sample_rate} Hz; use one rate.")
    hop = first.hop_samples
    count = int(seconds * first.sample_rate) // hop if np.isfinite(seconds) else 0
    if count < 1:
        raise BabbleError(f"A dialogue lasts 0.02 s at least, not {seconds:g} s.")
    audio = np.zeros((count * hop, 2), np.float32)
    hops: tuple[list[EngineHop], list[EngineHop]] = ([], [])
    processor_seconds = np.zeros((count, 2))
    for number in range(count):
        sound = np.stack([first.ready, second.ready], axis=1)
        audio[number * hop : (number + 1) * hop] = sound
        for seat, (engine, other) in enumerate(zip(engines, sound.T[::-1], strict=True)):
            begin = time.process_time()
            engine.step(other)
            processor_seconds[number, seat] = time.process_time() - begin
            hops[seat].extend(engine.drain())
        advance(hop)
    return AgentDialogue(audio, first.sample_rate, (hops[0][:count], hops[1][:count]), processor_seconds)
