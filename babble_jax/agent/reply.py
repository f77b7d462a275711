"""Replies to a recording: for notebooks, which hear nobody while they run.

Axes: T samples.
"""

import dataclasses
import os
from pathlib import Path

import numpy as np

from babble_jax.agent.cues.cue import Cue
from babble_jax.agent.make_engine import AnyVoice, make_engine
from babble_jax.agent.session.ipu_tracker import AGENT, USER, IpuTracker
from babble_jax.agent.session.session_conversation import make_conversation
from babble_jax.arguments import check_arguments
from babble_jax.audio import wave
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.writing import write_all
from babble_jax.errors import BabbleError
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.preset import TimingPreset, load_timing

_BLOCK = 16_000  # samples
SOUND = "reply.wav"


@dataclasses.dataclass(frozen=True, eq=False)
class Reply:
    """A recording and what an agent had to say to it.

    Attributes:
      audio: [T, 2] float32, the user left and the agent right.
      sample_rate: Hz.
      conversation: the IPUs of both: the user's as they were perceived, the agent's as they were decided.
    """

    audio: np.ndarray
    sample_rate: int
    conversation: Conversation

    def save(self, folder: str | os.PathLike) -> Path:
        """Writes `reply.wav` and its annotation (TextGrid, EAF, RTTM, CSV) into a folder; returns the sound's path."""
        path = Path(folder) / SOUND
        path.parent.mkdir(parents=True, exist_ok=True)
        wave.write(path, self.audio, self.sample_rate)
        write_all(path, self.conversation)
        return path


@check_arguments
def reply(
    recording: np.ndarray | str | os.PathLike,
    *,
    sample_rate: int | None = None,
    timing: TimingPreset | str | os.PathLike = "switchboard",
    voice: AnyVoice = DEFAULT_VOICE,
    speaker: str | None = None,
    language: str | None = None,
    seed: int = 0,
    knobs: Knobs = Knobs(),
    cue: Cue | None = None,
    seconds: float = 3.0,
) -> Reply:
    """Lets an agent hear a recording and speak when a person would, as if both were live.

    The recording does not react to what the agent does, as a person would.

    Args:
      recording: a sound file; or [T] floats, full scale 1.
      sample_rate: Hz of an array; None for the voice's.
      timing: see `listen`.
      voice: see `listen`.
      speaker: see `listen`.
      language: see `listen`.
      seed: see `listen`.
      knobs: see `listen`.
      cue: see `listen`.
      seconds: of silence after the recording, so that its end gets an answer.

    Returns:
      Sound and annotation of both.

    Raises:
      BabbleError: see `listen`; a recording that cannot be read, or a length that is impossible.

    Examples:
      >>> import numpy as np
      >>> spoken = reply(np.zeros(16_000, np.float32), voice="clicks", seconds=2)
      >>> spoken.audio.shape, spoken.conversation.speakers
      ((48000, 2), ('user', 'agent'))
    """
    if not 0 <= seconds <= 3600:
        raise BabbleError(f"The silence after the recording lasts 0 to 3600 s, not {seconds:g}.")
    preset = timing if isinstance(timing, TimingPreset) else load_timing(timing)
    engine = make_engine(
        timing=preset, voice=voice, speaker=speaker, language=language, seed=seed, knobs=knobs, cue=cue
    )
    rate = engine.sample_rate
    user = _read(recording, sample_rate, rate)
    user = np.concatenate([user, np.zeros(round(seconds * rate), np.float32)])
    tracker = IpuTracker(rate, engine.hop_samples, engine.perception.lag, Definitions())
    agent = []
    for first in range(0, len(user), _BLOCK):
        agent.append(engine.step(user[first : first + _BLOCK]))
        for hop in engine.drain():
            for event in hop.events:
                tracker.add(event)
    ipus = {who: tracker.ipus(who, len(user)) for who in (USER, AGENT)}
    audio = np.stack([user, np.concatenate(agent)], axis=1)
    return Reply(audio, rate, make_conversation(ipus, len(user), rate, Path(SOUND).stem))


def _read(recording: np.ndarray | str | os.PathLike, own: int | None, rate: int) -> np.ndarray:
    """Reads a recording at a rate: [T] float32.

    Args:
      recording: see `reply`.
      own: its rate, of an array; None for `rate`.
      rate: Hz.
    """
    if isinstance(recording, str | os.PathLike):
        return wave.read(Path(recording), rate)[0]
    line = np.asarray(recording)
    if line.ndim != 1 or line.dtype.kind != "f" or not len(line) or not np.isfinite(line).all():
        raise BabbleError(
            "A recording is a file, or an array [T] of finite floats; give one channel, full scale 1."
        )
    if own in (None, rate):
        return line.astype(np.float32)
    import soxr

    return soxr.resample(line.astype(np.float32), own, rate, quality="VHQ")
