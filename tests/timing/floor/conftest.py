"""Dialogues of a floor whose parameters the tests know."""

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.floor.simulator import FloorSimulator
from tests.timing.floor.floors import NO_KINDS, ON, OTHER_ON, K, make_floor


class Population(NamedTuple):
    """A floor and conversations drawn from it."""

    floor: FloorSimulator
    conversations: list[Conversation]


@pytest.fixture(scope="session")
def population() -> Population:
    plain = make_floor({ON: (0.7, 0.0), OTHER_ON: (-0.9, 0.0), 7: (0.3, 0.0)}, (-4.6, -30.0))
    own, shared = 0.09 * np.eye(K), 0.045 * np.eye(K)
    floor = dataclasses.replace(plain, definitions=NO_KINDS, own=own.tolist(), shared=shared.tolist())
    halves = (floor.draw(1, range(100), 400.0, opposite_effects=opposite) for opposite in (False, True))
    return Population(floor, [conversation for half in halves for conversation in half])
