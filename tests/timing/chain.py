"""A chain of IPUs fitted on Switchboard: conversations for tests, drawn in milliseconds."""

import functools
import json
from pathlib import Path

from babble_jax.timing.evaluation.floor.chain import FloorChain


@functools.cache
def switchboard_chain() -> FloorChain:
    """Reads the chain, which `fit_chain` fitted on all 2,194 conversations."""
    path = Path(__file__).parent / "evaluation" / "floor" / "switchboard_chain.json"
    return FloorChain.from_json(json.loads(path.read_text("utf-8")))
