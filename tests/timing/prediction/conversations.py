"""Draws conversations of words and laughter, and definitions of events. Times are seconds."""

import numpy as np
from hypothesis import strategies as st

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions

LEVELS = st.sampled_from(["ipu", "turn"])
DEFINITIONS = st.builds(
    Definitions,
    merge=st.sampled_from([0.18, 0.2]),
    min_ipu=st.sampled_from([0.0, 0.05, 0.3]),
    backchannel_max=st.sampled_from([0.5, 1.0]),
    backchannel_isolation=st.sampled_from([0.3, 1.0]),
)


def talk(segments, speakers=2, unit="word") -> Conversation:
    """A conversation from (speaker, onset, end, mark), seconds."""
    columns = list(zip(*segments, strict=True)) if segments else [[], [], [], []]
    return Conversation(
        "talk", "hand", tuple("ABCD"[:speakers]), np.array(columns[0], np.int32),
        np.array(columns[1], float), np.array(columns[2], float), np.array(columns[3], np.uint8),
        unit, None, "talk", np.array([[0.0, 1000.0]]),
    )  # fmt: skip


@st.composite
def segments(draw, speakers, low=0, high=400):
    segment = st.tuples(
        st.integers(0, speakers - 1), st.integers(low, high), st.integers(0, 40), st.sampled_from([0, 0, 1])
    )
    step = 0.05
    return [
        (s, round(a * step, 2), round((a + d) * step, 2), m)
        for s, a, d, m in draw(st.lists(segment, max_size=40))
    ]


@st.composite
def conversations(draw):
    speakers = draw(st.integers(2, 3))
    return talk(draw(segments(speakers)), speakers)
