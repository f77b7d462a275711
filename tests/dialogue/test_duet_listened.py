"""A rendered duet of real speech, read back from its sound alone, has the IPUs of its annotation."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.dialogue.duet import AUDIO, converse
from babble_jax.timing.events import Definitions, ipus
from tests import real_speech
from tests.dialogue import simulated
from tests.dialogue.fake_babbler import FakeBabbler


@dataclasses.dataclass(frozen=True)
class SpeechBabbler:
    """Says utterances of the excerpt, in an order that the key gives: a detector of speech hears speech."""

    name: str = "speaker"
    sample_rate: int = real_speech.RATE

    @property
    def settings(self) -> Mapping[str, Any]:
        return {}

    @property
    def takes_activity(self) -> bool:
        return False

    def babble(
        self,
        keys: np.ndarray,
        samples: Sequence[int],
        advance: Callable[[int], None],
        active: Sequence[tuple[float, float]] | None = None,
    ) -> list[np.ndarray]:
        streams = []
        for key, length in zip(keys, samples, strict=True):
            names = np.random.default_rng(key.tolist()).permutation(list(real_speech.IPUS))
            speech = np.concatenate([real_speech.read_utterance(name) for name in names])
            streams.append(np.resize(speech, length))
            advance(length)
        return streams


def edges(conversation: Conversation) -> list[np.ndarray]:
    """[N, 2] seconds of each speaker's IPUs."""
    units = ipus(conversation, Definitions())
    return [
        np.stack([units.onset[own], units.end[own]], axis=1)
        for own in (units.speaker == speaker for speaker in (0, 1))
    ]


def errors(true: np.ndarray, measured: np.ndarray) -> list[float]:
    """Differences of the edges of those IPUs that overlap with just one of the other list, both ways: [2 M] seconds."""
    overlap = (measured[None, :, 0] < true[:, None, 1]) & (measured[None, :, 1] > true[:, None, 0])
    alone = overlap & (overlap.sum(0)[None] == 1) & (overlap.sum(1)[:, None] == 1)
    return [error for i, j in np.argwhere(alone) for error in measured[j] - true[i]]


def test_a_duet_of_speech_is_heard_where_it_was_placed(tmp_path: Path):
    duet = converse(simulated.preset(), (SpeechBabbler("a"), SpeechBabbler("b")), 20.0, 1, tmp_path / "duet")
    (reading,) = read(duet.folder / AUDIO).conversations
    differences = []
    for true, own in zip(edges(duet.dialogue), edges(reading), strict=True):
        these = errors(true, own)
        assert len(these) >= 2 * 0.75 * len(true)
        differences += these
    assert np.median(np.abs(differences)) < 0.04
    assert np.quantile(np.abs(differences), 0.9) < 0.15


def test_a_duet_of_what_is_no_speech_is_read_without_complaint(tmp_path: Path):
    """How much of it the detector takes for speech is its affair; what it gives is a conversation."""
    duet = converse(simulated.preset(), (FakeBabbler(), FakeBabbler(pitch=180.0)), 10.0, 4, tmp_path / "duet")
    (reading,) = read(duet.folder / AUDIO).conversations
    assert reading.windows.tolist() == duet.dialogue.windows.tolist()
    assert np.all((reading.onset >= 0) & (reading.end > reading.onset) & (reading.end <= 10.0))
    # Nothing is heard where nobody makes a sound: every segment meets an IPU of its speaker.
    for true, own in zip(edges(duet.dialogue), edges(reading), strict=True):
        for start, end in own:
            assert np.any((true[:, 0] < end + 0.1) & (true[:, 1] > start - 0.1))
