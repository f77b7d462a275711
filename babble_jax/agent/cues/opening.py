"""Opens a cue by its name: the network is loaded once, and each conversation gets a cue of its own."""

import os
from collections.abc import Callable
from typing import Literal

from babble_jax.agent.cues.cue import Calibration, Cue
from babble_jax.errors import BabbleError

CueName = Literal["none", "smart-turn", "network"]
"""Of a live agent."""


def open_cue(
    name: CueName | Literal["ear"],
    model: str | os.PathLike | None,
    *,
    offline: bool = False,
    calibration: Calibration | None = None,
) -> Callable[[], Cue] | None:
    """Loads the network of a cue.

    Args:
      name: of the cue.
      model: file of its network, or folder or name of its ear; None for "none" alone.
      offline: wait for every answer, where sound does not come in real time.
      calibration: of "ear", which has none of its own; no other cue takes one.

    Returns:
      Makes a cue for a conversation; None for "none".

    Raises:
      BabbleError: the cue and the file, or the cue and the calibration, do not belong together.
    """
    if (name == "none") != (model is None):
        raise BabbleError("A cue and its network belong together; give --cue and --cue-model.")
    if (name == "ear") != (calibration is not None):
        raise BabbleError(
            "An ear's cue needs a calibration, and no other cue takes one; see fit_calibration."
        )
    if name == "none" or model is None:
        return None
    if calibration is not None:
        from babble_jax.agent.cues.ear_cue import EarCue
        from babble_jax.pretrained.ear import load_ear

        ear = load_ear(model)
        return lambda: EarCue(ear, calibration)
    if name == "smart-turn":
        from babble_jax.agent.cues.smart_turn import SmartTurnCue, SmartTurnModel

        opened = SmartTurnModel(model)
        return lambda: SmartTurnCue(opened, offline=offline)
    from babble_jax.agent.cues.network import NetworkCue, load_network

    network = load_network(model)
    return lambda: NetworkCue(network)
