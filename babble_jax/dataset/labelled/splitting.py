"""Assigns labelled recordings to splits, by the rules of `babble_jax.dataset.splits`.

So a model that learns what is spoken and a voice that is trained on the same sounds hold out the same recordings.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from babble_jax.dataset.labelled.recording import LabelledRecording
from babble_jax.dataset.preparation import ScratchRecording
from babble_jax.dataset.splits import assign_splits


def split_recordings(
    recordings: Sequence[LabelledRecording], digests: Mapping[str, str]
) -> tuple[dict[str, list[int]], tuple[str, ...]]:
    """Assigns recordings to train, validation and test; copies go together.

    Args:
      recordings: of a folder.
      digests: of the sound of each recording, by its name.

    Returns:
      (splits, notes): numbers of the recordings of each split that is not empty, in order; what is out of the ordinary.
    """
    items = [
        ScratchRecording(
            name=one.name,
            source="",
            speaker="",
            start=number,
            samples=max(1, round(one.seconds * 1000)),
            digest=hashlib.sha256(digests[one.name].encode()).digest(),
            active=np.zeros((0, 2), np.int64),
        )
        for number, one in enumerate(recordings)
    ]
    splits, notes = assign_splits(items)
    return {split: [item.start for item in members] for split, members in splits.items()}, tuple(notes)


def select_minutes(
    recordings: Sequence[LabelledRecording], numbers: Sequence[int], minutes: float, seed: int
) -> list[int]:
    """Selects recordings at random up to some minutes; those of fewer minutes are among those of more.

    Args:
      recordings: of a folder.
      numbers: of the recordings to select from.
      minutes: at most, but for one recording at least.
      seed: of the order.

    Returns:
      Numbers of recordings, rising.
    """
    order = np.random.default_rng(seed).permutation(np.asarray(numbers))
    seconds = np.cumsum([recordings[i].seconds for i in order])
    count = max(1, int(np.searchsorted(seconds, 60 * minutes, "right")))
    return sorted(order[:count].tolist())
