"""Assigns recordings to the splits train, validation and test, so that what is held out was not trained on.

- A recording goes by a hash of its name: what is added or removed moves no other.
- Copies of one recording, by the digest of their sound, go together, by the first of their names.
- Pieces of one recording go together where there are ten different recordings or more. Of fewer, a recording that was
  cut into three pieces or more is divided in time: about the first eight tenths are for training, the next for
  validation, the last for the test, as near as the borders of its pieces allow.
  Each split is a stretch, so that two pairs of pieces at most lie on both sides of a border.
"""

import collections
import hashlib
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from babble_jax.dataset.pieces import DIVISIBLE_PIECES
from babble_jax.dataset.preparation import ScratchRecording
from babble_jax.plural import plural

SPLITS = ("train", "validation", "test")
FEW_RECORDINGS = 10
"""Different recordings, below which those that were cut are divided in time."""
_TRAIN, _VALIDATION = 0.8, 0.9  # where the shares end
_LEAST_TRAIN = 0.7  # share in time of few recordings, below which a note says what helps


def split_from_name(name: str) -> str:
    """Assigns a file to a split: 80 % train, 10 % validation, 10 % test, by a hash of its relative name.

    The first 8 bytes of the SHA-256 of the name without its suffix (UTF-8, NFC, forward slashes), as a
    big-endian number over 2^64. It depends on nothing else: files that are added or removed move no other,
    and a copy in another format, or of a part of the folder, has the same splits.
    """
    share = _hash(name) / 2**64
    return "train" if share < _TRAIN else "validation" if share < _VALIDATION else "test"


def _hash(name: str) -> int:
    stem = PurePosixPath(name).with_suffix("").as_posix()
    return int.from_bytes(hashlib.sha256(unicodedata.normalize("NFC", stem).encode()).digest()[:8], "big")


def find_copies(recordings: Sequence[ScratchRecording]) -> tuple[int, list[str]]:
    """Counts the recordings of different sound, and notes how many others are copies."""
    groups: dict[bytes, list[ScratchRecording]] = {}
    for item in recordings:
        groups.setdefault(item.digest, []).append(item)
    first, second = next((group[:2] for group in groups.values() if len(group) > 1), (None, None))
    if first is None or second is None:
        return len(groups), []
    return len(groups), [
        f"{len(recordings) - len(groups)} of {len(recordings)} recordings are copies of others, as "
        f"{second.full_name} is of {first.full_name}; copies go to one split."
    ]


def assign_splits(pieces: Sequence[ScratchRecording]) -> tuple[dict[str, list[ScratchRecording]], list[str]]:
    """Assigns recordings and pieces to splits.

    Args:
      pieces: of all recordings; those of one recording in order of time.

    Returns:
      (splits, notes): those that are not empty, each in the order of `start`; notes of anything out of the ordinary.
    """
    recordings: dict[bytes, list[ScratchRecording]] = {}
    for item in pieces:
        recordings.setdefault(item.digest, []).append(item)
    units: dict[str, list[list[ScratchRecording]]] = {split: [] for split in SPLITS}
    notes, stretches = [], []
    divided: dict[str, int] = dict.fromkeys(SPLITS, 0)  # samples of the recordings that are divided in time
    for items in recordings.values():
        if len(recordings) < FEW_RECORDINGS and items[0].pieces >= DIVISIBLE_PIECES:
            stretches.append(items[0].full_name)
            for split, stretch in _divide(items).items():
                units[split].append(stretch)
                divided[split] += sum(item.samples for item in stretch)
        else:
            units[split_from_name(_first_name(items))].append(items)
    if stretches:
        others = f" and {len(stretches) - 1} more" if len(stretches) > 1 else ""
        train, validation, test = (divided[split] / sum(divided.values()) for split in SPLITS)
        notes.append(
            f"{stretches[0]}{others}: divided in time, since there are fewer than {FEW_RECORDINGS} recordings: "
            f"the first {train:.1%} are train, the next {validation:.1%} validation, the last {test:.1%} test. Pieces "
            "of one recording are alike, so that held-out scores are better than for another recording."
        )
    possible = SPLITS if stretches else SPLITS[: len(recordings)]
    for split in SPLITS[len(possible) :]:
        units["train"] += units.pop(split)
        notes.append(
            f"There is no split {split}: the folder holds only {plural(len(recordings), 'usable recording')}"
            f"{', apart from copies' if len(pieces) > len(recordings) else ''}."
        )
    for split in possible:
        if not units[split]:
            largest = max(possible, key=lambda other: len(units[other]))
            last = max(units[largest], key=lambda items: _hash(_first_name(items)))
            units[largest].remove(last)
            units[split].append(last)
            notes.append(
                f"No file falls into the split {split} by its name; {last[0].full_name} was put there."
            )
    splits = {split: [item for items in units[split] for item in items] for split in possible}
    train = sum(item.samples for item in splits["train"]) / sum(item.samples for item in pieces)
    if possible == SPLITS and len(recordings) < FEW_RECORDINGS and train < _LEAST_TRAIN:
        notes.append(
            f"Only {train:.1%} of the recordings in time are train. For about 80 %, make the data set with a --piece "
            "of less than a third of the shortest recording, by which each of 10 s or more is divided in time, or of "
            f"{FEW_RECORDINGS} or more recordings."
        )
    return {
        split: sorted(items, key=lambda item: item.start) for split, items in splits.items() if items
    }, notes


def _first_name(items: Sequence[ScratchRecording]) -> str:
    return min(item.name for item in items)


def _divide(items: Sequence[ScratchRecording]) -> dict[str, list[ScratchRecording]]:
    """Divides the pieces of a recording, and of its copies, in time."""
    by_time = collections.defaultdict(list)
    for item in items:
        by_time[item.first_sample].append(item)
    lengths = np.array([by_time[first_sample][0].samples for first_sample in sorted(by_time)])
    middle = (np.cumsum(lengths) - lengths / 2) / lengths.sum()
    test = min(max(1, int((middle >= _VALIDATION).sum())), len(lengths) - 2)
    held_out = int(((middle >= _TRAIN) & (middle < _VALIDATION)).sum())
    held_out = min(max(1, held_out), len(lengths) - 1 - test)
    splits = [SPLITS[0]] * (len(lengths) - test - held_out) + [SPLITS[1]] * held_out + [SPLITS[2]] * test
    division: dict[str, list[ScratchRecording]] = {split: [] for split in SPLITS}
    for split, first_sample in zip(splits, sorted(by_time), strict=True):
        division[split] += by_time[first_sample]
    return division
