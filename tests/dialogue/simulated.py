"""A timing preset fitted on conversations that are simulated without any model of timing."""

import functools

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.distributions.model import OffsetModelCard, TimingModel
from babble_jax.timing.evaluation.floor.chain import FloorChain, fit_chain
from babble_jax.timing.events import Definitions, offsets, events
from babble_jax.timing.preset import TimingPreset
from tests.dialogue.fake_babbler import conversation


@functools.cache
def corpus() -> list[Conversation]:
    rng = np.random.default_rng(0)
    return [simulated(rng, f"c{index}") for index in range(30)]


@functools.cache
def floor() -> FloorChain:
    return fit_chain(corpus(), Definitions())


@functools.cache
def preset() -> TimingPreset:
    definitions = Definitions()
    value = offsets(corpus(), "ipu", definitions).value
    card = OffsetModelCard("simulated", 30, len(value), 1, 0.0, 0.0, 0)
    law: dict[str, float | list[float]] = {"loc": float(np.mean(value)), "scale": float(np.std(value))}
    model = TimingModel("normal", law, "ipu", definitions, card)
    return TimingPreset("simulated", {"ipu": model}, floor(), events(corpus(), definitions))


def simulated(rng: np.random.Generator, name: str, seconds: float = 120.0) -> Conversation:
    """Conversations in which every IPU starts after its partner's last one but one has ended."""
    rows: list[tuple[int, float, float]] = []
    end, free, who = 0.5, [0.0, 0.0], 0
    while end < seconds - 6:
        hold = rng.random() < 0.4
        start = end + (rng.uniform(0.2, 0.9) if hold else rng.normal(0.1, 0.4))
        who = who if hold else 1 - who
        start = max(start, free[who] + 0.2)
        before, end = end, max(start + rng.uniform(0.2, 4.0), end + 0.1)
        rows.append((who, start, end))
        free[who] = end
        middle = max(before, start, free[1 - who] + 0.2) + 0.3
        if rng.random() < 0.4 and middle + 0.9 < end:
            rows.append((1 - who, middle, middle + rng.uniform(0.2, 0.6)))
            free[1 - who] = rows[-1][2]
    made = conversation(rows, seconds)
    return Conversation(**{**vars(made), "id": name, "group": name, "corpus": "simulated"})
