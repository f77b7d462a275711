"""Makes the engine of a live agent from names and numbers, and everything that a session of it needs.

What is slow is done once: the timing preset, the voice and the cue's network are loaded, and the voice's level is
measured where its card does not say it. An engine of its own is made for each session, from a seed of its own.
"""

import dataclasses
import datetime
import gc
from pathlib import Path
from typing import Any, Literal

import numpy as np

from babble_jax import __version__
from babble_jax.agent.cues.opening import CueName, open_cue
from babble_jax.agent.engine import Engine
from babble_jax.agent.hearing.perception import Perception
from babble_jax.agent.make_engine import open_voice, seat_delay
from babble_jax.agent.server.hop_messages import HopMessages, describe_people
from babble_jax.agent.server.protocol import Hello
from babble_jax.agent.server.sessions import SessionParts
from babble_jax.agent.session.record import SessionRecorder
from babble_jax.agent.voices.agent_voice import CLICKS
from babble_jax.agent.voices.session_voice import SessionVoice
from babble_jax.conversation.reading import read
from babble_jax.dialogue.plan import select_conversation
from babble_jax.errors import BabbleError
from babble_jax.files import check_writable, wrap_oserror
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.pretrained.voices import load_any_voice
from babble_jax.timing.events import Definitions
from babble_jax.timing.events.ipu import backchannels, ipus
from babble_jax.timing.floor.controls import ReplayPlayer, SilentPlayer, TimeoutPlayer
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.player import FloorPlayer, Player
from babble_jax.timing.preset import load_timing
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody

ADAPTED_WEIGHT = 0.9
"""Weight of the past in the moving average of the control `adaptive`."""

ControlName = Literal["none", "silent", "time-out", "adaptive", "replay"]


@dataclasses.dataclass(frozen=True)
class AgentConfig:
    """Says how a live agent speaks and when.

    Attributes:
      timing: name of a timing preset, or its file.
      voice: name of a voice, its folder, or "clicks".
      speaker: name of one of the voice's speakers; None for the first.
      language: name of one of the languages of a voice that speaks phones; None for the first.
      prosody: how the voice speaks.
      seed: of the first session; each further one adds 1.
      knobs: of the player.
      cue: heard in the user's sound.
      cue_model: file of the cue's network.
      control: plays in place of the floor: never speaks; waits for a fixed time-out; for one that adapts to the user;
        speaks when a speaker of a recorded conversation did.
      timeout: seconds of silence after which a control speaks.
      replay: annotation of one conversation, whose speaker is replayed.
      replay_speaker: name of the speaker; None for the first.
    """

    timing: str = "switchboard"
    voice: str = DEFAULT_VOICE
    speaker: str | None = None
    language: str | None = None
    prosody: Prosody = NEUTRAL
    seed: int = 0
    knobs: Knobs = Knobs()
    cue: CueName = "none"
    cue_model: Path | None = None
    control: ControlName = "none"
    timeout: float = 0.7
    replay: Path | None = None
    replay_speaker: str | None = None


class LiveAgent:
    """Makes engines and recorders.

    Args:
      config: of the agent.

    Attributes:
      timing: the preset.
      lag: seconds by which perception is late.
      sample_rate: Hz.

    Raises:
      BabbleError: a preset, a voice or a model cannot be read, or the cue lacks its model.
    """

    def __init__(self, config: AgentConfig):
        self.config = config
        self.timing = load_timing(config.timing)
        self.timing.require_floor(2)
        self._voice = CLICKS if config.voice == CLICKS else load_any_voice(config.voice)
        self._make_cue = open_cue(config.cue, config.cue_model)
        if (config.control == "replay") != (config.replay is not None):
            raise BabbleError(
                "The control replay and its annotation belong together; give --control and --replay."
            )
        self._replay = None
        if config.replay is not None:
            self._replay = _read_speaker(config.replay, config.replay_speaker, self.timing.definitions)
        self._gain: float | None = None
        engine = self.make_engine(0.1, config.seed)
        engine.warm_up()
        self.lag, self.sample_rate = engine.perception.lag, engine.sample_rate

    def make_engine(self, output_delay: float, seed: int) -> Engine:
        """Makes an engine.

        Args:
          output_delay: seconds from the user's sound to the agent's of the same number, as it is heard.
          seed: of its decisions and its sound.
        """
        perception = Perception()
        player = self._make_player(seat_delay(perception, output_delay), seed)
        config = self.config
        voice = open_voice(self._voice, config.speaker, seed, config.language, config.prosody, self._gain)
        self._gain = voice.gain if isinstance(voice, SessionVoice) else None
        cue = None if self._make_cue is None else self._make_cue()
        return Engine(player, voice, perception, cue=cue)

    def _make_player(self, delay: float, seed: int) -> Player:
        match self.config.control:
            case "silent":
                return SilentPlayer()
            case "time-out":
                return TimeoutPlayer(self.config.timeout, seed=seed)
            case "adaptive":
                return TimeoutPlayer(self.config.timeout, seed=seed, adapt=ADAPTED_WEIGHT)
        if self._replay is not None:
            return ReplayPlayer(*self._replay)
        return FloorPlayer(self.timing, delay=delay, seed=seed, knobs=self.config.knobs)

    def describe(self) -> dict[str, Any]:
        """Returns what the page shows, and what it needs, before a session begins."""
        knobs = dataclasses.asdict(self.config.knobs)
        perturb = knobs.pop("perturb")
        return {
            "sample_rate": self.sample_rate,
            "timing": self.timing.name,
            "voice": self.config.voice,
            "knobs": knobs,
            "perturb": None if perturb is None else list(perturb),
            "adjustable": self.config.control == "none",
            "people": describe_people(self.timing),
        }


def freeze_heap() -> None:
    """Takes all objects that there are out of garbage collection: a full one would stop the sound for 0.15 s."""
    gc.collect()
    gc.freeze()


class SessionFactory:
    """Makes the parts of each session of a server, each with a new folder.

    Args:
      agent: what speaks.
      out: folder that the sessions' folders go into.

    Raises:
      BabbleError: nothing can be written there.
    """

    def __init__(self, agent: LiveAgent, out: Path):
        check_writable(out / "session" if out.exists() else out)
        self._agent, self._out, self._count = agent, out, 0

    def __call__(self, hello: Hello) -> SessionParts:
        """Makes the parts of a session.

        Args:
          hello: of the client.

        Raises:
          BabbleError: the folder cannot be written.
        """
        agent = self._agent
        seed = agent.config.seed + self._count
        self._count += 1
        engine = agent.make_engine(hello.output_delay, seed)
        live: list[Any] = []
        recorder = SessionRecorder(
            _new_folder(self._out),
            sample_rate=engine.sample_rate,
            lag=engine.perception.lag,
            config={
                **_plain(agent.config),
                "seed": seed,
                "output_delay": hello.output_delay,
                "delay": getattr(engine.player, "delay", None),
                "mode": hello.mode,
                "babble_jax": __version__,
            },
            tell=lambda text: live[0].warn(text) if live else None,
        )
        perception = engine.perception
        note = getattr(perception, "note", lambda: None)
        messages = HopMessages(engine.sample_rate, engine.hop_samples, perception.lag, agent.timing, note)
        return SessionParts(
            engine,
            recorder,
            recorder.folder,
            {"lag": engine.perception.lag, "seed": seed},
            messages.describe,
            live.append,
        )


def _read_speaker(
    path: Path, name: str | None, definitions: Definitions
) -> tuple[list[float], list[float], list[bool]]:
    """Reads onsets and ends in seconds of a speaker's IPUs, and which of them are backchannels."""
    conversation = select_conversation(read([path]).conversations, None)
    if name is not None and name not in conversation.speakers:
        names = ", ".join(conversation.speakers)
        raise BabbleError(f"{path}: there is no speaker {name}; choose one of {names}.")
    units = ipus(conversation, definitions)
    own = units.speaker == (0 if name is None else conversation.speakers.index(name))
    start = float(conversation.windows[0][0])
    short = backchannels(units, definitions)[own]
    return (units.onset[own] - start).tolist(), (units.end[own] - start).tolist(), short.tolist()


def _new_folder(out: Path) -> Path:
    """Makes a folder named after the moment."""
    moment = datetime.datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    with wrap_oserror(out):
        out.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            folder = out / (moment if number == 1 else f"{moment}_{number}")
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder.resolve()
    raise BabbleError(f"{out}: holds too many sessions of this second; use another folder.")


def _plain(value: Any) -> Any:
    """Returns a config as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value
