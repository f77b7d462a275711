"""Forty calls drawn from a chain of IPUs."""

import dataclasses

from babble_jax.timing.events import Definitions
from tests.timing.chain import switchboard_chain

D = Definitions()
CALLS = [
    dataclasses.replace(switchboard_chain().sample(seed, 150.0 + 10 * (seed % 3)), id=str(seed))
    for seed in range(40)
]
