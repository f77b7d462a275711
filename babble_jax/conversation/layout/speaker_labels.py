"""Tiers whose labels name those who speak: of their own segments, or of those of the tiers beside them.

Axes: N segments of a tier.
"""

import dataclasses
import re
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.annotation import Tier
from babble_jax.conversation.layout.candidates import Candidate
from babble_jax.conversation.layout.tier_names import WHO

_INSIDE = 0.95
"""Share of a tier's segments whose middle must have a speaker."""
_SPEAKER_LABEL = re.compile(
    r"(?:spk|spkr|speaker|participant|person|subject|talker|caller|agent|sprecher|locuteur|hablante|p|s)[ _-]?\w{0,3}"
    r"|[a-h]\d?",
    re.IGNORECASE,
)
_MOST_SPEAKERS = 12
_LONGEST = 40  # characters of a name


def find_speaker_labels(rest: Sequence[Candidate]) -> Candidate | None:
    """Finds the tier whose labels name those who speak, where no other tier has a speaker of its own.

    A tier that is alone must have labels that look like names of speakers; beside others, its own name must say so.

    Args:
      rest: tiers that may be speech.
    """
    matches = [one for one in rest if names_speakers(one) or (len(rest) == 1 and _looks_like_speakers(one))]
    if len(matches) != 1 or any(one.speaker_by_name for one in rest if one is not matches[0]):
        return None
    return matches[0]


def names_speakers(one: Candidate) -> bool:
    """Tells whether a tier says by its name that its labels are those who speak, and they may be."""
    words = set(re.findall(r"[^\W\d_]+", one.tier.name.casefold()))
    labels = one.labels_of_speech()
    return bool(words) and words <= WHO and len(labels) >= 2 * len(set(labels)) and _may_be_names(one)


def _looks_like_speakers(one: Candidate) -> bool:
    """Tells whether all labels of a tier look like names of speakers."""
    return _may_be_names(one) and all(map(_SPEAKER_LABEL.fullmatch, one.labels_of_speech()))


def _may_be_names(one: Candidate) -> bool:
    """Tells whether the labels of a tier may be names of speakers, by their number and length."""
    names = set(one.labels_of_speech())
    few = 2 <= len(names) <= _MOST_SPEAKERS
    return one.participant is None and few and max(map(len, names)) <= _LONGEST


def covers(who: Candidate, other: Candidate) -> bool:
    """Tells whether a tier of speakers says whose nearly all segments of another tier are.

    Args:
      who: whose labels name the speakers.
      other: tier.
    """
    rows = _rows_at(who, (other.onset + other.end) / 2)
    return bool(np.mean(rows >= 0) >= _INSIDE)


def divide(one: Candidate, who: Candidate) -> list[tuple[str, Tier, np.ndarray]]:
    """Divides a tier among speakers: (name, tier, codes [N]) of each. Its silences are in each of them.

    Args:
      one: tier that is divided.
      who: whose labels name the speakers; the same tier where its own labels do.
    """
    tier, codes = one.tier, one.codes
    labels = np.array([label.strip() for label in who.tier.labels or ()], object)
    if one is not who:
        rows = _rows_at(who, (tier.onset + tier.end) / 2)
        labels = np.where(rows >= 0, labels[rows], "")
    words = list(tier.labels or [""] * len(tier))
    parts = []
    for name in sorted(set(who.labels_of_speech())):
        take = (labels == name) | (codes < 0)
        part = dataclasses.replace(
            tier,
            name=f"{tier.name}: {name}",
            onset=tier.onset[take],
            end=tier.end[take],
            labels=[("" if one is who else words[n]) for n in np.flatnonzero(take).tolist()],
            marks=None if tier.marks is None else tier.marks[take],
        )
        parts.append((name, part, codes[take]))
    return parts


def _rows_at(who: Candidate, times: np.ndarray) -> np.ndarray:
    """Finds the segment of a tier that is sounding at each time: [N] int, -1 where none is."""
    order = np.argsort(who.tier.onset, kind="stable")
    rows = np.searchsorted(who.tier.onset[order], times, side="right") - 1
    rows = np.where(rows >= 0, order[rows], -1)
    sounding = (rows >= 0) & (who.tier.end[rows] >= times) & (who.codes[rows] >= 0)
    return np.where(sounding, rows, -1)
