"""A babbler without a model: harmonic and noisy syllables with silences of all lengths.

At the end: dialogues that the tests of this folder share.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation

RATE = 16_000


@dataclasses.dataclass(frozen=True)
class FakeBabbler:
    """Stream i is a function of key i; its samples are made syllable by syllable, so that prefixes agree."""

    name: str = "fake"
    amplitude: float = 0.3
    pitch: float = 120.0
    silence: float = 0.5  # seconds, the mean of a long silence
    sample_rate: int = RATE
    constant: float = 0.0  # added to everything
    takes_activity: bool = False

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"temperature": 1.0}

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        streams = []
        for i, (key, length) in enumerate(zip(keys, samples, strict=True)):
            rng = np.random.default_rng(key.tolist())
            if active is None or not self.takes_activity:
                streams.append(self._stream(rng, length))
            else:  # one long syllable, up to 20 ms early or late at both ends
                first, end = ((np.array(active[i]) + rng.uniform(-0.02, 0.02, 2)) * self.sample_rate).astype(
                    int
                )
                speech = self._syllable(rng, (end - first) / self.sample_rate)
                streams.append(np.pad(speech, (first, length))[:length].astype(np.float32))
            advance(length)
        return streams

    def _stream(self, rng: np.random.Generator, length: int) -> np.ndarray:
        pieces, length_so_far = [self._silence(rng, rng.uniform(0.1, 0.4))], 0
        while length_so_far < length:
            pieces.append(self._syllable(rng, rng.uniform(0.06, 0.3)))
            if rng.random() < 0.3:
                pieces.append(self._silence(rng, rng.uniform(0.02, 0.15)))
            if rng.random() < 0.1:
                pieces.append(self._silence(rng, rng.exponential(self.silence)))
            length_so_far = sum(map(len, pieces))
        audio = np.concatenate(pieces)[:length] + self.constant
        return np.clip(audio, -1, 1).astype(np.float32)

    def _silence(self, rng: np.random.Generator, seconds: float) -> np.ndarray:
        return 1e-3 * self.amplitude * rng.standard_normal(int(seconds * self.sample_rate))

    def _syllable(self, rng: np.random.Generator, seconds: float) -> np.ndarray:
        time = np.arange(int(seconds * self.sample_rate)) / self.sample_rate
        pitch = self.pitch * (1 + rng.uniform(-0.2, 0.2) + 0.2 * time)
        weights = 1 / (1 + ((np.arange(1, 20) * self.pitch - rng.uniform(300, 1500)) / 300) ** 2)
        tone = sum(w * np.sin(2 * np.pi * (h + 1) * pitch * time) for h, w in enumerate(weights))
        noise = rng.standard_normal(len(time))
        voiced = rng.random() < 0.75
        sound = tone / np.sqrt(np.sum(weights**2) / 2) if voiced else 0.5 * noise
        shape = np.sin(np.pi * (np.arange(len(time)) + 0.5) / len(time)) ** 0.5
        return self.amplitude * 10 ** (rng.uniform(-6, 0) / 20) * sound * shape * 0.5


@dataclasses.dataclass(frozen=True)
class SilentBabbler(FakeBabbler):
    """Nothing but a constant, as a collapsed voice gives it."""

    def _stream(self, rng: np.random.Generator, length: int) -> np.ndarray:
        return np.full(length, 1 / 256, np.float32)


@dataclasses.dataclass(frozen=True)
class DyingBabbler(FakeBabbler):
    """Sound for half a second, silence for ever after."""

    def _stream(self, rng: np.random.Generator, length: int) -> np.ndarray:
        audio = super()._stream(rng, length)
        audio[self.sample_rate // 2 :] = 0
        return audio


def conversation(
    rows: Sequence[tuple[int, float, float]], seconds: float, speakers: tuple[str, ...] = ("A", "B")
) -> Conversation:
    """A dialogue from rows (speaker, onset, end)."""
    speaker, onset, end = (np.array([row[i] for row in rows]) for i in range(3))
    return Conversation(
        id="duet",
        corpus="test",
        speakers=speakers,
        speaker=speaker.astype(np.int32),
        onset=onset.astype(np.float64),
        end=end.astype(np.float64),
        mark=np.zeros(len(rows), np.uint8),
        unit="ipu",
        language=None,
        group="duet",
        windows=np.array([[0.0, seconds]]),
    )


DIALOGUE = conversation(
    [
        (0, 0.3001, 1.7),
        (1, 1.55, 2.85),  # overlap between
        (0, 3.01, 5.4),
        (1, 4.2, 4.5),  # overlap within
        (0, 5.6, 6.1),  # a pause of 0.2 s
        (1, 6.3123456, 8.7654321),
        (0, 9.0, 9.05),  # the shortest
    ],
    10.0,
)
