"""Offsets while a conversation runs: each once, and those that the whole conversation has."""

import numpy as np

from babble_jax.agent.server.running_offsets import RunningOffsets
from babble_jax.timing.events import Definitions
from babble_jax.timing.events.ipu import Ipus
from babble_jax.timing.events.transfers import floor_transfers

HOP = 320


def draw_ipus(seed: int) -> list[tuple[int, int]]:
    """Draws IPUs in hops, with silences of at least 0.2 s between them."""
    rng = np.random.default_rng(seed)
    edges = np.cumsum(rng.integers(10, 60, 160)).reshape(-1, 2)
    return [(int(a), int(b)) for a, b in edges]


def test_offsets_are_those_of_the_whole_conversation():
    ipus = [draw_ipus(seed) for seed in (1, 2)]
    running = RunningOffsets(16_000, HOP, 0.0)
    toggles = {0: {}, 1: {}}
    for who, speaker_ipus in enumerate(ipus):
        for onset, end in speaker_ipus:
            toggles[who] |= {onset: True, end: False}
    last = min(speaker_ipus[-1][1] for speaker_ipus in ipus)
    result = []
    for hop in range(last):
        for who, names in enumerate((("user ended", "user began"), ("end", "turn"))):
            if hop in toggles[who]:
                event = {"event": names[toggles[who][hop]], "sample": hop * HOP}
                if who == 1:
                    event["frame"] = 2 * hop
                else:
                    event["sample"] += HOP  # it is known when the hop is over
                running.add(event)
        if hop % 5 == 0:
            result += running.settled(hop * HOP)
    rows = sorted((a * 0.02, b * 0.02, who) for who, speaker_ipus in enumerate(ipus) for a, b in speaker_ipus)
    onset, end, speaker = (np.array([row[i] for row in rows], float) for i in range(3))
    units = Ipus(speaker.astype(np.int32), onset, end, np.zeros(len(rows), np.int32), ("user", "agent"))
    transfers = floor_transfers(units, "ipu", Definitions())
    expected = [
        (("user", "agent")[int(speaker[i])], round(onset[i], 6), round(float(transfers.fto[i]), 6))
        for i in np.flatnonzero(transfers.defined)
    ]
    offsets = [(one.who, round(one.at, 6), round(one.seconds, 6)) for one in result]
    assert offsets == expected[: len(offsets)]
    assert len(expected) - 4 < len(offsets)
    assert len(offsets) > 50
