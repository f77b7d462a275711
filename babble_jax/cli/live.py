"""A live agent, in the browser or at the machine's own sound device."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tyro.conf import arg

from babble_jax.cli.messages import print_line
from babble_jax.cli.prosody import ProsodyOptions
from babble_jax.cli.tracking import TrackOptions
from babble_jax.errors import BabbleError
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.timing.floor.knobs import Knobs

if TYPE_CHECKING:
    from babble_jax.agent.live_agent import AgentConfig, LiveAgent
    from babble_jax.agent.server.server import ServerConfig

_MAX_CONSENT_BYTES = 65536


@dataclasses.dataclass(frozen=True)
class Live:
    """Lets you talk to a babbler in the browser.

    It listens to when you speak, and answers when a person would. It serves a page on this machine alone and prints
    its address. The page needs a microphone, best with headphones. Both voices, their times and every decision are
    recorded in a folder for each conversation, and sent nowhere.

    Attributes:
      port: Port of the page; 0 for any that is free.
      out: Folder for the recordings; each conversation gets a folder of its own in it.
      timing: Timing preset that decides when it speaks: a name (`babble timings` lists them), or a file that
        `babble fit --out` wrote.
      voice: Voice that it speaks with: a name (`babble voices` lists them), the folder of your own, or "clicks" for
        measurements.
      speaker: Name of one of the voice's speakers. By default the first one.
      language: Name of one of the languages of a voice that speaks phones. By default the first one.
      prosody: How the voice speaks, in all conversations; without the final contour of an affect, since nobody knows
        when an utterance will end. --final is for a voice that speaks phones, which plans its phrases.
      seed: Random seed of the first conversation; each further one adds 1.
      knobs: Knobs of the timing, which the page shows behind "adjust", too.
      cue: What is heard in your voice beside when it begins and ends; smart-turn, or a network of
        `babble cue fit`; both need --cue-model.
      cue_model: File of the cue's network.
      control: Decides in place of the timing preset, for comparisons: never speaks; waits for a fixed silence; or for
        one that adapts to your pauses; or speaks when somebody in a recorded conversation did.
      timeout: Silence after which a control speaks, in seconds.
      replay: Annotation of the recorded conversation, in any format that is read.
      replay_speaker: Name of its speaker who is replayed. By default the first one.
      consent: Text file that is shown first, and that one must agree to.
      buffer: Sound that waits in the page before it is heard, in seconds; it grows where the machine is too slow.
      limit: Sound that may wait for the agent, in seconds; older sound is recorded and gets no answer.
      minutes: Longest conversation, in minutes.
      sessions: Conversations at once.
      host: Name or address at which other machines reach the page; needs --certfile and --keyfile.
      certfile: Certificate for TLS, a PEM file.
      keyfile: Its key, a PEM file.
      open: Open the page in this machine's browser.
      device: Use this machine's own microphone and loudspeaker, without a page.
      log: Log of each conversation, made when the agent has ended: timeline, measures, picture, the agent's sound.
      log_participant_audio: Log the sound of the person, too, which then leaves the folder of the recordings.
    """

    port: int = 8765
    out: Path = Path("babble-live")
    timing: str = "switchboard"
    voice: str = DEFAULT_VOICE
    speaker: str | None = None
    language: str | None = None
    prosody: Annotated[ProsodyOptions, arg(name="")] = ProsodyOptions()
    seed: int = 0
    knobs: Annotated[Knobs, arg(name="")] = Knobs()
    cue: Literal["none", "smart-turn", "network"] = "none"
    cue_model: Path | None = None
    control: Literal["none", "silent", "time-out", "adaptive", "replay"] = "none"
    timeout: float = 0.7
    replay: Path | None = None
    replay_speaker: str | None = None
    consent: Path | None = None
    buffer: float = 0.08
    limit: float = 0.24
    minutes: float = 120.0
    sessions: int = 1
    host: str = "127.0.0.1"
    certfile: Path | None = None
    keyfile: Path | None = None
    open: bool = False
    device: bool = False
    log: TrackOptions = TrackOptions()
    log_participant_audio: bool = False

    def run(self) -> None:
        """Serves the page, or talks through the device, until Ctrl-C; then logs the conversations."""
        before = self._sessions()
        try:
            self._serve()
        finally:
            if self.log.is_on:
                from babble_jax.cli.track_session import log_sessions

                log_sessions(self.log, sorted(self._sessions() - before), self.log_participant_audio)

    def _sessions(self) -> set[Path]:
        """Lists the folders of conversations that are there."""
        return {path.parent for path in self.out.glob("*/session.json")}

    def _serve(self) -> None:
        """Serves the page, or talks through the device."""
        self._check()
        agent_config = self._agent_config()
        if self.device:
            self._talk(agent_config)
            return
        try:
            from babble_jax.agent.server import server
        except ImportError as error:
            raise BabbleError(
                f"The page needs {error.name}, which is not installed; run pip install 'babble_jax[live]'."
            ) from None
        from babble_jax.agent.live_agent import SessionFactory

        config = self._server_config()
        config = server.check_config(config)
        listener, config = server.listen(config)
        with listener:
            agent = _load_agent(agent_config)
            about = {
                **agent.describe(),
                "folder": str(self.out.resolve()),
                "local": server.is_loopback(config.host),
                "buffer": self.buffer,
            }
            config = dataclasses.replace(config, about=about)
            app = server.make_app(config, SessionFactory(agent, self.out))
            for line in self._first_lines(config, agent.lag):
                print_line(line)
            if self.open:
                import webbrowser

                webbrowser.open(server.address(config))
            server.serve(app, config, listener)

    def _talk(self, config: "AgentConfig") -> None:
        """Talks through this machine's microphone and loudspeaker."""
        from babble_jax.agent.device import require_device, run_device
        from babble_jax.agent.live_agent import SessionFactory

        require_device()
        agent = _load_agent(config)
        print_line(f"records {self.out.resolve()}")
        run_device(
            SessionFactory(agent, self.out),
            agent.sample_rate,
            limit=self.limit,
            max_seconds=60 * self.minutes,
            log=print_line,
        )

    def _first_lines(self, config: "ServerConfig", lag: float) -> list[str]:
        """Says where the page is, what it records, and how late it hears and is heard."""
        from babble_jax.agent.engine import HOP
        from babble_jax.agent.server import server

        late, page, limit = (1000 * seconds for seconds in (lag + HOP, self.buffer, self.limit))
        return [
            f"open    {server.address(config)}",
            f"records {self.out.resolve()}: a folder for each conversation; delete it, and the recording is deleted",
            f"delay   it knows what you do {late:.0f} ms late, and its answer waits {page:.0f} ms in the page; your "
            "devices add theirs, which the page measures",
            f"limit   sound that waits longer than {limit:.0f} ms gets no answer, so that the delay never grows",
            "stop    Ctrl-C",
        ]

    def _check(self) -> None:
        if not 0.02 <= self.buffer <= 0.2:
            raise BabbleError(f"--buffer is {self.buffer:g}; it must be from 0.02 to 0.2 s.")
        if not 0.04 <= self.limit <= 2:
            raise BabbleError(f"--limit is {self.limit:g}; it must be from 0.04 to 2 s.")
        if not 0.1 <= self.minutes <= 600:
            raise BabbleError(f"--minutes is {self.minutes:g}; it must be from 0.1 to 600.")
        if not 0.05 <= self.timeout <= 60:
            raise BabbleError(f"--timeout is {self.timeout:g}; it must be from 0.05 to 60 s.")
        if not 1 <= self.sessions <= 64:
            raise BabbleError(f"--sessions is {self.sessions}; it must be from 1 to 64.")
        if not 0 <= self.seed < 2**31:
            raise BabbleError(f"--seed is {self.seed}; it must be from 0 to 2147483647.")

    def _agent_config(self) -> "AgentConfig":
        from babble_jax.agent.live_agent import AgentConfig
        from babble_jax.agent.voices.agent_voice import CLICKS
        from babble_jax.pretrained.voices import speaks_phones
        from babble_jax.voice.conditioning.prosody import NEUTRAL, check_live

        prosody = dataclasses.replace(self.prosody.read(), final=self.prosody.final)
        if prosody != NEUTRAL:
            print_line(f"prosody {self.prosody.describe(prosody)}")
        values: dict[str, Any] = {
            one.name: getattr(self, one.name) for one in dataclasses.fields(AgentConfig)
        }
        if self.voice != CLICKS and not speaks_phones(self.voice):
            check_live(prosody)  # before the voice is loaded
        values["prosody"] = prosody
        return AgentConfig(**values)

    def _server_config(self) -> "ServerConfig":
        from babble_jax import input_files
        from babble_jax.agent.server.server import ServerConfig

        consent = None
        if self.consent is not None:
            consent = input_files.read_text(self.consent, _MAX_CONSENT_BYTES).strip()
            if not consent:
                raise BabbleError(
                    f"{self.consent}: is empty; write the text into it, or leave --consent out."
                )
        return ServerConfig(
            host=self.host,
            port=self.port,
            certfile=self.certfile,
            keyfile=self.keyfile,
            sessions=self.sessions,
            limit=self.limit,
            max_seconds=60 * self.minutes,
            consent=consent,
        )


def _load_agent(config: "AgentConfig") -> "LiveAgent":
    """Loads the voice, and keeps all that was loaded out of garbage collection."""
    from babble_jax.agent.live_agent import LiveAgent, freeze_heap

    print_line("loading the voice ...")
    agent = LiveAgent(config)
    freeze_heap()
    return agent
