"""Makes a conversation of the IPUs of a session."""

from collections.abc import Mapping, Sequence

import numpy as np

from babble_jax.agent.session.ipu_tracker import SPEAKERS, Ipu
from babble_jax.conversation.conversation import Conversation, Mark


def make_conversation(ipus: Mapping[int, Sequence[Ipu]], samples: int, rate: int, id: str) -> Conversation:
    """Makes a conversation, its times exact to the sample.

    Args:
      ipus: of each side, `USER` and `AGENT`.
      samples: length of the sound.
      rate: Hz.
      id: of the conversation.
    """
    rows = [(who, one.onset, one.end) for who, own in ipus.items() for one in own if one.end > one.onset]
    values = np.array(rows, np.float64).reshape(-1, 3)
    return Conversation(
        id=id,
        corpus="session",
        speakers=SPEAKERS,
        speaker=values[:, 0].astype(np.int32),
        onset=values[:, 1] / rate,
        end=values[:, 2] / rate,
        mark=np.full(len(rows), Mark.SPEECH, np.uint8),
        unit="ipu",
        language=None,
        group=id,
        windows=np.array([[0.0, samples / rate]]),
        time_resolution=1 / rate,
    )
