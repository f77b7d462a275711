"""Simulates calls from the chain of IPUs, which has no effects of dyads."""

from babble_jax.conversation.conversation import Conversation
from tests.timing.chain import switchboard_chain


def simulate_calls(count: int) -> list[Conversation]:
    """Simulates calls of 200 s."""
    chain = switchboard_chain()
    return [chain.sample(seed, 200.0) for seed in range(count)]
