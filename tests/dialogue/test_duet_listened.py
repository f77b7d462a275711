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
from tests import spoken
from tests.dialogue import simulated
from tests.dialogue.fake_babbler import FakeBabbler


@dataclasses.dataclass(frozen=True)
class Speaker:
    """Says utterances of the excerpt, in an order that the key gives: a detector of speech hears speech."""

    name: str = "speaker"
    sample_rate: int = spoken.RATE

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
            names = np.random.default_rng(key.tolist()).permutation(list(spoken.IPUS))
            speech = np.concatenate([spoken.utterance(name) for name in names])
            streams.append(np.resize(speech, length))
            advance(length)
        return streams


def edges(conversation: Conversation) -> list[np.ndarray]:
    """[N, 2] seconds of each speaker's IPUs."""
    found = ipus(conversation, Definitions())
    return [
        np.stack([found.onset[own], found.end[own]], axis=1)
        for own in (found.speaker == side for side in (0, 1))
    ]


def errors(true: np.ndarray, found: np.ndarray) -> list[float]:
    """Of the edges of those IPUs that overlap with just one of the other list, both ways: [2 M] seconds."""
    overlap = (found[None, :, 0] < true[:, None, 1]) & (found[None, :, 1] > true[:, None, 0])
    alone = overlap & (overlap.sum(0)[None] == 1) & (overlap.sum(1)[:, None] == 1)
    return [error for i, j in np.argwhere(alone) for error in found[j] - true[i]]


def test_a_duet_of_speech_is_heard_where_it_was_placed(tmp_path: Path):
    duet = converse(simulated.preset(), (Speaker("a"), Speaker("b")), 20.0, 1, tmp_path / "duet")
    (heard,) = read(duet.folder / AUDIO).conversations
    found = []
    for true, own in zip(edges(duet.dialogue), edges(heard), strict=True):
        these = errors(true, own)
        assert len(these) >= 2 * 0.75 * len(true)
        found += these
    assert np.median(np.abs(found)) < 0.04
    assert np.quantile(np.abs(found), 0.9) < 0.15


def test_a_duet_of_what_is_no_speech_is_read_without_complaint(tmp_path: Path):
    """How much of it the detector takes for speech is its affair; what it gives is a conversation."""
    duet = converse(simulated.preset(), (FakeBabbler(), FakeBabbler(pitch=180.0)), 10.0, 4, tmp_path / "duet")
    (heard,) = read(duet.folder / AUDIO).conversations
    assert heard.windows.tolist() == duet.dialogue.windows.tolist()
    assert np.all((heard.onset >= 0) & (heard.end > heard.onset) & (heard.end <= 10.0))
    # Nothing is heard where nobody makes a sound: every segment meets an IPU of its speaker.
    for true, own in zip(edges(duet.dialogue), edges(heard), strict=True):
        for start, end in own:
            assert np.any((true[:, 0] < end + 0.1) & (true[:, 1] > start - 0.1))
