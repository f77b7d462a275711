"""Floors and conversations for tests. Axes: K groups of hazards."""

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing import events
from babble_jax.timing.floor import hazards
from babble_jax.timing.floor.effects import GROUPS
from babble_jax.timing.floor.simulator import FloorSimulator, Layer, SimulatorCard

DEFINITIONS = events.Definitions()
K = len(GROUPS)


def make_conversation(intervals, speakers: int, seconds: float) -> Conversation:
    """Makes a conversation of (speaker, onset, end)."""
    who, onset, end = zip(*intervals, strict=True)
    return Conversation(
        id="test",
        corpus="test",
        speakers=tuple("ABCDE"[:speakers]),
        speaker=np.array(who, np.int32),
        onset=np.array(onset, float),
        end=np.array(end, float),
        mark=np.zeros(len(who), np.uint8),
        unit="ipu",
        language=None,
        group="test",
        windows=np.array([[0.0, seconds]]),
    )


def make_floor(kernel: dict[int, tuple[float, float]], bias: tuple[float, float]) -> FloorSimulator:
    """Makes log-linear hazards: the inputs of these numbers add so much to each log-hazard."""
    weights = np.zeros((hazards.FEATURES, 2))
    for row, values in kernel.items():
        weights[row] = values
    return FloorSimulator(
        SimulatorCard("test", 1, 1.0, 2),
        DEFINITIONS,
        [Layer(weights.tolist(), list(bias))],
        np.zeros((hazards.CROSSED, 2)).tolist(),
        [0.0] * K,
        (1e-6 * np.eye(K)).tolist(),
        np.zeros((K, K)).tolist(),
    )


ON, OTHER_ON = 1, 3  # inputs: the second indicator of the first two parts
LIVELY = make_floor({ON: (0.7, 0.0), OTHER_ON: (-0.9, 0.6), 7: (0.3, 0.0)}, (-4.6, -6.5))
"""Log-hazards that depend on who is on; about 25 IPUs a minute."""

# A pause, a backchannel within B's turn, a take-over in overlap, a gap, an overlap within, a false start.
DYAD = [
    (0, 0.5, 2.013),
    (0, 2.4, 3.0),
    (1, 2.9, 6.2),
    (0, 4.5, 4.905),
    (0, 6.505, 7.7),
    (1, 7.5, 7.8),
    (1, 8.02, 8.5),
    (0, 9.2, 10.6),
    (1, 9.6, 9.7),
]
TRIAD = [*DYAD, (2, 2.95, 3.4), (2, 8.1, 9.9), (2, 11.0, 11.4)]

NO_KINDS = events.Definitions(backchannel_max=0.0)
"""Under which no IPU is a backchannel: kinds are judged in hindsight, and are no cause."""
