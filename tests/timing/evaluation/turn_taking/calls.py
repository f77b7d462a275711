"""Small conversations of known events."""

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.timing.events import Definitions

D = Definitions()


def call(segments: list[tuple[int, float, float]], seconds: float = 30.0, name: str = "call") -> Conversation:
    """Makes a call of two of segments: speaker, onset, end."""
    speaker, onset, end = (np.array(x) for x in zip(*segments, strict=True))
    return Conversation(
        id=name,
        corpus="made",
        speakers=("A", "B"),
        speaker=speaker.astype(np.int32),
        onset=onset.astype(float),
        end=end.astype(float),
        mark=np.full(len(onset), Mark.SPEECH, np.uint8),
        unit="utterance",
        language=None,
        group=name,
        windows=np.array([[0.0, seconds]]),
    )


DIALOGUE = call(
    [
        (0, 1.0, 4.0),
        (0, 4.5, 7.0),  # a hold, 0.5 s of silence
        (1, 7.4, 10.0),  # a shift after 0.4 s
        (1, 10.12, 12.0),  # 120 ms of silence within an IPU
        (0, 13.0, 20.0),
        (1, 15.0, 15.4),  # a backchannel of B
        (1, 19.8, 24.0),  # a shift in overlap
        (0, 25.0, 27.0),
    ]
)
"""Of 30 s, with one hold, shifts, a pause within an IPU, a backchannel and an overlap."""
