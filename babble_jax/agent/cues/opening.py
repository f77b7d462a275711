"""Opens a cue by its name: the network is loaded once, and each conversation gets a cue of its own."""

import os
from collections.abc import Callable
from typing import Literal

from babble_jax.agent.cues.cue import Cue
from babble_jax.errors import BabbleError

CueName = Literal["none", "smart-turn", "network"]


def open_cue(
    name: CueName, model: str | os.PathLike | None, *, offline: bool = False
) -> Callable[[], Cue] | None:
    """Loads the network of a cue.

    Args:
      name: of the cue.
      model: file of its network; None for "none" alone.
      offline: wait for every answer, where sound does not come in real time.

    Returns:
      Makes a cue for a conversation; None for "none".

    Raises:
      BabbleError: the cue and the file do not belong together.
    """
    if (name == "none") != (model is None):
        raise BabbleError("A cue and its network belong together; give --cue and --cue-model.")
    if name == "none" or model is None:
        return None
    if name == "smart-turn":
        from babble_jax.agent.cues.smart_turn import SmartTurnCue, SmartTurnModel

        opened = SmartTurnModel(model)
        return lambda: SmartTurnCue(opened, offline=offline)
    from babble_jax.agent.cues.network import NetworkCue, load_network

    network = load_network(model)
    return lambda: NetworkCue(network)
