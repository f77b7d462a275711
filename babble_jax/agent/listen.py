"""Lets an agent take part in a conversation from Python: blocks of the user in, blocks of the agent and events out.

Axes: T samples of a block.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from babble_jax.agent.cues.cue import Cue
from babble_jax.agent.engine import Engine
from babble_jax.agent.make_engine import AnyVoice, make_engine
from babble_jax.arguments import check_arguments
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.preset import TimingPreset


class AgentBlock(NamedTuple):
    """What an agent does beside a block of the user.

    Attributes:
      audio: [T] float32 in [-1, 1], as long as the user's block.
      events: what happened since the block before, each a dict: `event` ("turn", "backchannel" and "end" of the agent;
        "sound began" and "sound ended", where it is heard; "user began" and "user ended", as detected), and the
        `sample`, counted from the first of the conversation.
    """

    audio: np.ndarray
    events: tuple[dict[str, Any], ...]


@check_arguments
def listen(
    frames: Iterable[np.ndarray],
    *,
    timing: TimingPreset | str | os.PathLike = "switchboard",
    voice: AnyVoice = DEFAULT_VOICE,
    speaker: str | None = None,
    language: str | None = None,
    seed: int = 0,
    knobs: Knobs = Knobs(),
    output_delay: float = 0.0,
    cue: Cue | None = None,
) -> Iterator[AgentBlock]:
    """Listens to a user and speaks when a person would.

    It takes a block of the user whenever one is there, and gives the agent's sound of the same samples. Time is counted
    in samples: blocks of any length, from a microphone or a file, give the same decisions.

    Args:
      frames: blocks of the user, [T] floats each, full scale 1, at the voice's sample rate (16 kHz for the one that
        ships); an array of one dimension is one block.
      timing: a timing preset with a floor for two, its name, or its file.
      voice: a pretrained voice, its name or its folder; or any object that is an `AgentVoice`, such as a `WavVoice` of
        your own sound files.
      speaker: name of one of the speakers of a pretrained voice; None for the first.
      language: name of one of the languages of a voice that speaks phones; None for the first.
      seed: of decisions and babble, from 0 to 2**32 - 1.
      knobs: patience, firmness, backchannels, shift; neutral by default.
      output_delay: seconds from a sample of the user at the microphone to the agent's sample of the same number at the
        ear; 0 where both are files.
      cue: tells from the user's sound whether a turn is over; none by default.

    Returns:
      An iterator of blocks, one for each of the user's: `audio` and `events`.

    Raises:
      BabbleError: no such preset, voice or speaker, a number out of bounds, or a block that is no sound.

    Examples:
      >>> import numpy as np
      >>> silence = [np.zeros(320, np.float32)] * 150  # three seconds in blocks of 20 ms
      >>> blocks = list(listen(silence, voice="clicks", seed=3))
      >>> len(blocks), blocks[0].audio.shape
      (150, (320,))
    """
    engine = make_engine(
        timing=timing,
        voice=voice,
        speaker=speaker,
        language=language,
        seed=seed,
        knobs=knobs,
        output_delay=output_delay,
        cue=cue,
    )
    engine.warm_up()
    if isinstance(frames, np.ndarray) and frames.ndim == 1:
        frames = [frames]
    return run_engine(engine, frames)


def run_engine(engine: Engine, frames: Iterable[np.ndarray]) -> Iterator[AgentBlock]:
    """Gives blocks of the user to an engine, and yields what it does beside each."""
    for block in frames:
        audio = engine.step(np.asarray(block))
        yield AgentBlock(audio, tuple(event for hop in engine.drain() for event in hop.events))
