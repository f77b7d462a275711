"""What a voice is told beside the samples, made of what the data set knows of its recordings.

Axes: N top frames, C features.
"""

from babble_jax.dataset.lanes import Local
from babble_jax.dataset.source import Recordings
from babble_jax.errors import BabbleError
from babble_jax.train.config import TrainConfig


def conditioning(config: TrainConfig, recordings: Recordings) -> Local | None:
    """The features that the voice takes, of the recordings; None for a voice that takes none.

    Raises:
      BabbleError: the data set does not say where its recordings speak.
    """
    voice, active = config.voice, recordings.active
    if not voice.local:
        return None
    if active is None:
        raise BabbleError(
            f"{config.dataset}: does not say where its recordings speak; make the data set from sound files with "
            "`babble dataset`, or train a voice that is not told when to speak."
        )
    return Local(
        voice.voice.frame,
        len(voice.local),
        lambda i: voice.features(active[i], int(recordings.lengths[i])),
    )
