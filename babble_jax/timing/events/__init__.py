"""The events of dialogue: what counts as an IPU, a pause, a gap, an overlap, a backchannel, a turn.

The definitions, version 1, are in three files: `ipu` (IPUs and backchannels), `runs` (the four
states) and `transfers` (turns and floor-transfer offsets); `corpus` counts them. Their names are offered here.
"""

from babble_jax.timing.events.corpus import PooledFtos, count_events, events, pool_ftos
from babble_jax.timing.events.ipu import Definitions, Ipus, backchannels, ipus
from babble_jax.timing.events.runs import Kind, Transitions, transitions
from babble_jax.timing.events.transfers import FloorTransfers, FtoLevel, Reason, floor_transfers

__all__ = [
    "Definitions",
    "FloorTransfers",
    "FtoLevel",
    "Ipus",
    "Kind",
    "PooledFtos",
    "Reason",
    "Transitions",
    "backchannels",
    "count_events",
    "events",
    "floor_transfers",
    "ipus",
    "pool_ftos",
    "transitions",
]
