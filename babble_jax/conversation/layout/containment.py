"""How the segments of one tier lie within those of another.

Axes: N segments of a tier.
"""

import numpy as np

from babble_jax.conversation.layout.candidates import Candidate

INSIDE = 0.95
"""Share of the finer tier's time that must lie within the segments of the coarser one."""
COVERED = 0.8
"""Share of the coarser tier's time that must lie between first onset and last end of the finer one's segments in it."""


def are_parallel(one: Candidate, other: Candidate) -> bool:
    """Tells whether one tier's segments are a finer division of the other's, or the same ones."""
    fine, coarse = (one, other) if len(one.onset) >= len(other.onset) else (other, one)
    if len(coarse.onset) < 2:
        return False
    return share_inside(fine, coarse) >= INSIDE and share_covered(fine, coarse) >= COVERED


def share_inside(fine: Candidate, coarse: Candidate) -> float:
    """Share of the finer tier's time that lies within segments of the coarser one."""
    total = float(np.sum(fine.end - fine.onset))
    return overlap(fine, coarse) / total if total else 0.0


def overlap(a: Candidate, b: Candidate) -> float:
    """Seconds that both tiers speak."""
    edges = np.unique(np.concatenate([a.onset, a.end, b.onset, b.end]))
    middles, lengths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    both = np.ones(len(middles), bool)
    for one in (a, b):
        started = np.searchsorted(one.onset, middles, side="right")
        ended = np.searchsorted(np.sort(one.end), middles, side="right")
        both &= started > ended
    return float(lengths[both].sum())


def share_covered(fine: Candidate, coarse: Candidate) -> float:
    """Share of the coarser tier's time from the first onset to the last end of the finer one's segments in each."""
    middles = (fine.onset + fine.end) / 2
    index = np.searchsorted(coarse.onset, middles, side="right") - 1
    valid = index >= 0
    valid[valid] = middles[valid] <= coarse.end[index[valid]]
    first, last = np.full(len(coarse.onset), np.inf), np.full(len(coarse.onset), -np.inf)
    np.minimum.at(first, index[valid], fine.onset[valid])
    np.maximum.at(last, index[valid], fine.end[valid])
    lengths = np.maximum(np.minimum(last, coarse.end) - np.maximum(first, coarse.onset), 0)
    return float(lengths[np.isfinite(lengths)].sum() / np.sum(coarse.end - coarse.onset))
