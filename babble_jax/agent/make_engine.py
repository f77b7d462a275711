"""Puts an engine together from names and numbers: timing, voice, knobs, and the delays that its player must know."""

import os
from collections.abc import Sequence
from typing import Any, Literal

from babble_jax.agent.agent_voice import AgentVoice, ClickVoice
from babble_jax.agent.cues.cue import Cue
from babble_jax.agent.engine import HOP, Engine
from babble_jax.agent.engine_state import PerceptionLike
from babble_jax.agent.perception import Perception
from babble_jax.agent.session_voice import SessionVoice
from babble_jax.agent.wav_voice import WavVoice
from babble_jax.config import check_seed
from babble_jax.errors import BabbleError
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.timing.floor.controls import ReplayPlayer, SilentPlayer, TimeoutPlayer
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.player import FloorPlayer, Player
from babble_jax.timing.preset import TimingPreset, load_timing
from babble_jax.voice.block_sampler import SamplerName

CLICK = "click"
"""Name of the voice that measures."""
AnyVoice = AgentVoice | PretrainedVoice | str | os.PathLike
"""A voice of an agent; or a pretrained voice, its name or its folder; or "click"."""
Control = Literal["floor", "timeout", "adaptive", "replay", "silence"]
"""Who decides: the floor, a fixed time-out, one adapted to the user's pauses, a recorded side, or nobody."""
LONGEST_DELAY = 2.0
"""Seconds."""


def make_engine(
    *,
    timing: TimingPreset | str | os.PathLike = "switchboard",
    voice: AnyVoice = DEFAULT_VOICE,
    speaker: str | None = None,
    seed: int = 0,
    knobs: Knobs = Knobs(),
    output_delay: float = 0.0,
    control: Control = "floor",
    timeout: float = 0.7,
    replay: Sequence[tuple[float, float]] = (),
    cue: Cue | None = None,
    perception: PerceptionLike | None = None,
    sampler: SamplerName = "int8",
) -> Engine:
    """Makes an engine.

    Args:
      timing: a timing preset with a floor for two, its name, or its file.
      voice: what speaks.
      speaker: name of one of the speakers of a pretrained voice; None for the first.
      seed: of decisions and babble, from 0 to 2**32 - 2.
      knobs: of the player.
      output_delay: seconds from a sample of the user at the microphone to the sample of the agent that the engine gives
        beside it, at the ear: what devices and network take.
      control: who decides.
      timeout: seconds, for the two time-outs.
      replay: onset and end of each IPU of a recorded side, in seconds.
      cue: see `Engine`.
      perception: of the user; `Perception` by default.
      sampler: of a pretrained voice, see `open_session`.

    Raises:
      BabbleError: no such preset, voice or speaker; the preset has no floor for two; or a number is out of bounds.
    """
    if not 0 <= output_delay <= LONGEST_DELAY:
        raise BabbleError(f"The output delay is {output_delay} s; it must be from 0 to {LONGEST_DELAY:g} s.")
    try:
        check_seed(seed)
    except ValueError as error:
        raise BabbleError(f"{error}.") from error
    perception = Perception() if perception is None else perception
    player: Player
    if control == "floor":
        preset = timing if isinstance(timing, TimingPreset) else load_timing(timing)
        preset.require_floor(speakers=2)
        player = FloorPlayer(preset, delay=seat_delay(perception, output_delay), seed=seed, knobs=knobs)
    elif control in ("timeout", "adaptive"):
        player = TimeoutPlayer(timeout, seed=seed, adapt=0.9 if control == "adaptive" else None)
    elif control == "replay":
        player = ReplayPlayer([onset for onset, _ in replay], [end for _, end in replay])
    elif control == "silence":
        player = SilentPlayer()
    else:
        raise BabbleError(
            f"There is no control {control!r}; take floor, timeout, adaptive, replay or silence."
        )
    return Engine(player, _open_voice(voice, speaker, seed, sampler), perception, cue=cue)


def seat_delay(perception: PerceptionLike, output_delay: float = 0.0) -> float:
    """Computes the seconds by which a seat knows the other late: perception, the hop, and devices and network."""
    return perception.lag + HOP + output_delay


def _open_voice(voice: Any, speaker: str | None, seed: int, sampler: SamplerName) -> AgentVoice:
    """Opens a voice.

    Args:
      voice: see `AnyVoice`.
      speaker: of a pretrained voice.
      seed: of its babble.
      sampler: of a pretrained voice.
    """
    if isinstance(voice, PretrainedVoice | str | os.PathLike) and voice != CLICK:
        return SessionVoice(voice, speaker=speaker, seed=seed, sampler=sampler)
    if speaker is not None:
        raise BabbleError("Only a pretrained voice has speakers; leave the speaker out.")
    if voice == CLICK:
        return ClickVoice()
    if not isinstance(voice, WavVoice) and not callable(getattr(voice, "step", None)):
        raise BabbleError("A voice is a name, a folder, or an object that makes sound step by step.")
    return voice
