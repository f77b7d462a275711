"""A timing preset of conversations that are simulated without any model of timing, with Switchboard's floor."""

import functools

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.distributions.model import OffsetModelCard, TimingModel
from babble_jax.timing.events import Definitions, events, pool_ftos
from babble_jax.timing.preset import TimingPreset, load_timing
from tests.dialogue.fake_babbler import conversation


@functools.cache
def corpus() -> list[Conversation]:
    rng = np.random.default_rng(0)
    return [simulate_conversation(rng, f"c{index}") for index in range(30)]


@functools.cache
def preset() -> TimingPreset:
    definitions = Definitions()
    fto = pool_ftos(corpus(), "ipu", definitions).fto
    card = OffsetModelCard("simulated", 30, len(fto), 1, 0.0, 0.0, 0)
    parameters: dict[str, float | list[float]] = {"loc": float(np.mean(fto)), "scale": float(np.std(fto))}
    model = TimingModel("normal", parameters, "ipu", definitions, card)
    floor = load_timing("switchboard").floor
    return TimingPreset("simulated", definitions, {"ipu": model}, floor, events(corpus(), definitions))


def simulate_conversation(rng: np.random.Generator, name: str, seconds: float = 120.0) -> Conversation:
    """Conversations in which every IPU starts after its partner's last one but one has ended."""
    rows: list[tuple[int, float, float]] = []
    end, free, speaker = 0.5, [0.0, 0.0], 0
    while end < seconds - 6:
        hold = rng.random() < 0.4
        start = end + (rng.uniform(0.2, 0.9) if hold else rng.normal(0.1, 0.4))
        speaker = speaker if hold else 1 - speaker
        start = max(start, free[speaker] + 0.2)
        before, end = end, max(start + rng.uniform(0.2, 4.0), end + 0.1)
        rows.append((speaker, start, end))
        free[speaker] = end
        middle = max(before, start, free[1 - speaker] + 0.2) + 0.3
        if rng.random() < 0.4 and middle + 0.9 < end:
            rows.append((1 - speaker, middle, middle + rng.uniform(0.2, 0.6)))
            free[1 - speaker] = rows[-1][2]
    talk = conversation(rows, seconds)
    return Conversation(**{**vars(talk), "id": name, "group": name, "corpus": "simulated"})
