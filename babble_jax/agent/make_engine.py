"""Puts an engine together from names and numbers: timing, voice, knobs, and the delays that its player must know."""

import os
from typing import cast

from babble_jax.agent.cues.cue import Cue
from babble_jax.agent.engine import HOP, Engine
from babble_jax.agent.engine_state import PerceptionLike
from babble_jax.agent.hearing.perception import Perception
from babble_jax.agent.voices.agent_voice import CLICKS, AgentVoice, ClickVoice
from babble_jax.agent.voices.session_voice import SessionVoice
from babble_jax.config import check_seed
from babble_jax.errors import BabbleError
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.player import FloorPlayer
from babble_jax.timing.preset import TimingPreset, load_timing
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody

AnyVoice = AgentVoice | PretrainedVoice | TacotronVoice | str | os.PathLike
"""A voice of an agent; or a pretrained voice, its name or its folder; or "clicks"."""
LONGEST_DELAY = 2.0
"""Seconds."""


def make_engine(
    *,
    timing: TimingPreset | str | os.PathLike = "switchboard",
    voice: AnyVoice = DEFAULT_VOICE,
    speaker: str | None = None,
    language: str | None = None,
    seed: int = 0,
    knobs: Knobs = Knobs(),
    output_delay: float = 0.0,
    cue: Cue | None = None,
    prosody: Prosody | None = None,
) -> Engine:
    """Makes an engine.

    Args:
      timing: a timing preset with a floor for two, its name, or its file.
      voice: what speaks.
      speaker: name of one of the speakers of a pretrained voice; None for the first.
      language: name of one of the languages of a voice that speaks phones; None for the first.
      seed: of decisions and babble, from 0 to 2**32 - 1.
      knobs: of the player.
      output_delay: seconds from a sample of the user at the microphone to the sample of the agent that the engine gives
        beside it, at the ear: what devices and network take.
      cue: see `Engine`.
      prosody: how a pretrained voice speaks, see `open_session`.

    Raises:
      BabbleError: no such preset, voice or speaker; the preset has no floor for two; a number is out of bounds; or a
        prosody that the voice knows nothing of.
    """
    if not 0 <= output_delay <= LONGEST_DELAY:
        raise BabbleError(f"The output delay is {output_delay} s; it must be from 0 to {LONGEST_DELAY:g} s.")
    try:
        check_seed(seed)
    except ValueError as error:
        raise BabbleError(f"{error}.") from error
    preset = timing if isinstance(timing, TimingPreset) else load_timing(timing)
    preset.require_floor(speakers=2)
    perception = Perception()
    player = FloorPlayer(preset, delay=seat_delay(perception, output_delay), seed=seed, knobs=knobs)
    return Engine(player, open_voice(voice, speaker, seed, language, prosody), perception, cue=cue)


def seat_delay(perception: PerceptionLike, output_delay: float = 0.0) -> float:
    """Computes the seconds by which a seat knows the other late: perception, the hop, and devices and network."""
    return perception.lag + HOP + output_delay


def open_voice(
    voice: AnyVoice,
    speaker: str | None,
    seed: int,
    language: str | None = None,
    prosody: Prosody | None = None,
    gain: float | None = None,
) -> AgentVoice:
    """Opens a voice.

    Args:
      voice: see `AnyVoice`.
      speaker: of a pretrained voice.
      seed: of its babble.
      language: of a voice that speaks phones.
      prosody: of a pretrained voice.
      gain: see `SessionVoice`.
    """
    if isinstance(voice, PretrainedVoice | TacotronVoice | str | os.PathLike) and voice != CLICKS:
        return SessionVoice(voice, speaker=speaker, language=language, seed=seed, prosody=prosody, gain=gain)
    if speaker is not None or language is not None:
        raise BabbleError("Only a pretrained voice has speakers and languages; leave them out.")
    if prosody is not None and prosody != NEUTRAL:
        raise BabbleError(f"Only a pretrained voice can be given a prosody ({prosody}); leave it out.")
    if voice == CLICKS:
        return ClickVoice()
    if not callable(getattr(voice, "step", None)):
        raise BabbleError("A voice is a name, a folder, or an object that makes sound step by step.")
    return cast(AgentVoice, voice)
