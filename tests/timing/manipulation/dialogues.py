"""Draws dialogues of IPUs and looks at them in plain ways. Times are in nanoseconds."""

import itertools

import numpy as np
from hypothesis import strategies as st

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, FloorTransfers, backchannels, floor_transfers, ipus
from babble_jax.timing.manipulation.dialogue import Edit, make_ipu_dialogue

STANDARD = Definitions()


def talk(
    *segments: tuple[int, float, float],
    windows: tuple[tuple[float, float], ...] = ((0.0, 100.0),),
    speakers: int = 2,
) -> Conversation:
    """A conversation from (speaker, onset, end), in this order."""
    return Conversation(
        id="talk",
        corpus="hand",
        speakers=tuple("ABCD"[:speakers]),
        speaker=np.array([s for s, _, _ in segments], np.int32),
        onset=np.array([a for _, a, _ in segments], np.float64),
        end=np.array([b for _, _, b in segments], np.float64),
        mark=np.zeros(len(segments), np.uint8),
        unit="ipu",
        language=None,
        group="talk",
        windows=np.array(windows, np.float64),
    )


@st.composite
def dialogues(draw, speakers=(2, 2), windows=(1, 1)) -> Conversation:
    """IPUs of speakers who know nothing of each other, on a fine or a coarse resolution, in one or several windows."""
    resolution = draw(st.sampled_from([0.05, 0.1, 0.025, 0.013]))
    number = draw(st.integers(*speakers))
    # Short steps, so that own silences are often near the merge; from 0 s on: float64 has its finest digits there.
    segment = st.tuples(st.integers(0, number - 1), st.integers(0, 200), st.integers(1, 40))
    segments = draw(st.lists(segment, min_size=2, max_size=30))
    edges = np.linspace(0, 260, draw(st.integers(*windows)) + 1).astype(int).tolist()
    apart = draw(st.integers(0, 3))  # steps between two windows; 0 where they touch
    observed = tuple((a * resolution, (b - apart) * resolution) for a, b in itertools.pairwise(edges))
    rows = ((s, a * resolution, (a + d) * resolution) for s, a, d in segments)
    return make_ipu_dialogue(talk(*rows, windows=observed, speakers=number), STANDARD)


def ns(seconds) -> np.ndarray:
    return np.rint(np.asarray(seconds) * 1e9).astype(np.int64)


def durations(dialogue: Conversation) -> np.ndarray:
    return ns(dialogue.end) - ns(dialogue.onset)


def sweep(dialogue: Conversation) -> FloorTransfers:
    return floor_transfers(ipus(dialogue, STANDARD), "ipu", STANDARD)


def same(a: Conversation, b: Conversation) -> bool:
    """Equal to the bit."""
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("speaker", "onset", "end", "windows", "mark")
    ) and (a.id, a.unit, a.speakers) == (b.id, b.unit, b.speakers)


def count_backchannels(dialogue: Conversation) -> int:
    return int(np.sum(backchannels(ipus(dialogue, STANDARD), STANDARD)))


def monologues(minutes: int = 2) -> Conversation:
    """A tells long stories, B says yes to each once."""
    rows = []
    for start in range(0, 60 * minutes, 10):
        rows += [(0, start + 0.5, start + 9.5), (1, start + 4.0, start + 4.4 + start / 1000)]
    return make_ipu_dialogue(talk(*rows, windows=((0.0, 60.0 * minutes),)), STANDARD)


def assert_same_ipus(edit: Edit, dialogue: Conversation) -> None:
    """The same IPUs, of the same lengths, which are still IPUs by the definitions; pauses as long as before."""
    changed = edit.dialogue
    assert same(changed, make_ipu_dialogue(changed, STANDARD))
    assert sorted(edit.source.tolist()) == list(range(len(dialogue.onset)))
    np.testing.assert_array_equal(changed.speaker, dialogue.speaker[edit.source])
    np.testing.assert_array_equal(durations(changed), durations(dialogue)[edit.source])
    for who in range(2):  # in the order of their speaker
        own = edit.source[changed.speaker == who]
        assert np.all(np.diff(own) > 0)
