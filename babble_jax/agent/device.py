"""Lets an agent talk through this machine's own microphone and loudspeaker, without a page.

The device asks for a hop of the agent whenever it has a hop of the user. It gets the one of the hop before, so that the
agent has 20 ms to compute; what is not there in time is silence, and what comes late is not played, so that the delay
never grows.

Axes: H samples of a hop.
"""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from babble_jax.agent.engine import HOP
from babble_jax.agent.hop_resampler import HopResampler
from babble_jax.agent.server.live_session import LIMIT, LiveSession
from babble_jax.agent.server.protocol import AudioFrame, Hello, ProtocolError
from babble_jax.agent.server.sessions import OpenSession
from babble_jax.errors import BabbleError
from babble_jax.plural import plural

_WAIT = 0.1  # seconds between two looks at whether the session has ended


class DevicePort:
    """Stands between a sound device and a session; the device's own thread calls `exchange`.

    Args:
      rate: Hz of the device.
      session_rate: Hz of the session.

    Attributes:
      missed: hops that were not there in time.
    """

    def __init__(self, rate: int, session_rate: int):
        self.missed = 0
        self._hop = round(HOP * session_rate)
        self._live: LiveSession | None = None
        self._down, self._up = HopResampler(rate, session_rate, HOP), HopResampler(session_rate, rate, HOP)
        self._states = (self._down.initial_state(), self._up.initial_state())
        self._sounds: dict[int, np.ndarray] = {}  # hops of the agent by number
        self._number = 0
        self._lock = threading.Lock()
        self.delay = self._down.delay + self._up.delay + HOP  # seconds that it adds

    def open(self, live: LiveSession) -> None:
        """Begins to give hops to a session."""
        live.attach(self._take)
        self._live = live

    def exchange(self, user: np.ndarray) -> np.ndarray:
        """Takes a hop of the user and returns one of the agent, both [H] float32 at the device's rate."""
        live = self._live
        if live is None:
            return np.zeros_like(user)
        hop, before = self._down.step(self._states[0], user)
        number = self._number
        self._number += 1
        try:
            live.push(AudioFrame(number % 2**32, number * self._hop, number * HOP, hop.astype(np.float32)))
        except ProtocolError as error:
            live.close(f"The sound device is too fast: {error}.")
        with self._lock:
            sound = self._sounds.pop(number - 1, None)
            self._sounds = {n: one for n, one in self._sounds.items() if n >= number}
        if sound is None:
            self.missed += number > 0
            sound = np.zeros(self._hop, np.float32)
        played, after = self._up.step(self._states[1], sound)
        self._states = (before, after)
        return played

    def _take(self, answer: AudioFrame | dict[str, Any]) -> None:
        """Takes what the session sends: whole hops of sound; its messages are for pages."""
        if isinstance(answer, AudioFrame):
            with self._lock:
                for first in range(0, len(answer.audio), self._hop):
                    number = (answer.sample + first) // self._hop
                    self._sounds[number] = answer.audio[first : first + self._hop]


def run_device(
    open_session: OpenSession,
    session_rate: int,
    *,
    device: int | str | None = None,
    limit: float = LIMIT,
    max_seconds: float = 7200.0,
    log: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Talks through a sound device until Ctrl-C or the longest time.

    Args:
      open_session: makes engine and recorder, as for a page.
      session_rate: Hz of the engine.
      device: number or name of a sound device; None for the machine's own choice.
      limit: seconds of sound that may wait.
      max_seconds: longest session.
      log: takes a line of text.

    Returns:
      The statistics of the session, and `missed_hops`.

    Raises:
      BabbleError: there is no microphone or no loudspeaker, or what reaches them is not installed.
    """
    sounddevice = _import_sounddevice()
    port, stream = _open_stream(sounddevice, session_rate, device)
    with stream:
        latency = sum(float(one) for one in stream.latency) + port.delay
        hello = Hello(
            sample_rate=session_rate, output_delay=min(latency, 1.0), passport={"device": str(stream.device)}
        )
        parts = open_session(hello)
        live = LiveSession(
            parts.engine,
            parts.recorder,
            limit=limit,
            max_seconds=max_seconds,
            log=log,
            output_delay=hello.output_delay,
        )
        if parts.on_start is not None:
            parts.on_start(live)
        log(
            f"listening; the device adds {1000 * latency:.0f} ms; with headphones it hears only you; stop with Ctrl-C"
        )
        port.open(live)
        try:
            while live.ended is None:
                threading.Event().wait(_WAIT)
        finally:
            live.close("The session was stopped.")
            live.join(30.0)
    if port.missed:
        log(f"{plural(port.missed, 'hop')} of 20 ms came too late and were silent; this machine is slow.")
    return live.statistics() | {"missed_hops": port.missed}


def require_device(device: int | str | None = None) -> None:
    """Looks for a microphone and a loudspeaker, so that nothing is loaded in vain.

    Raises:
      BabbleError: there is none, or what reaches them is not installed.
    """
    _find_rate(_import_sounddevice(), device)


def _import_sounddevice() -> Any:
    """Imports what reaches the sound device.

    Raises:
      BabbleError: it is not installed, or its library is not.
    """
    try:
        import sounddevice
    except ImportError:
        raise BabbleError(
            "The sound device needs sounddevice, which is not installed; run pip install 'babble_jax[live]'."
        ) from None
    except OSError:
        raise BabbleError(
            "The sound device needs the library PortAudio, which is not installed; install it "
            "(Debian: apt install libportaudio2), or leave --device out and use the page."
        ) from None
    return sounddevice


def _find_rate(sounddevice: Any, device: int | str | None) -> int:
    """Returns the own rate of the microphone, Hz.

    Raises:
      BabbleError: there is no microphone or no loudspeaker.
    """
    try:
        sounddevice.query_devices(device, "output")
        return round(float(sounddevice.query_devices(device, "input")["default_samplerate"]))
    except (ValueError, sounddevice.PortAudioError):
        raise BabbleError(
            "There is no microphone or no loudspeaker that this machine can use; connect them, or leave --device out "
            "and use the page."
        ) from None


def _open_stream(sounddevice: Any, rate: int, device: int | str | None) -> tuple[DevicePort, Any]:
    """Opens microphone and loudspeaker at the session's rate, or else at the device's own.

    Args:
      sounddevice: the module.
      rate: Hz of the session.
      device: see `run_device`.

    Raises:
      BabbleError: there is none.
    """
    own = _find_rate(sounddevice, device)
    error: Exception | None = None
    for candidate in dict.fromkeys([rate, own]):
        try:
            port = DevicePort(candidate, rate)
            stream = sounddevice.Stream(
                samplerate=candidate,
                blocksize=round(HOP * candidate),
                device=device,
                channels=1,
                dtype="float32",
                latency="low",
                callback=_callback(port),
            )
        except (BabbleError, ValueError, sounddevice.PortAudioError) as reason:
            error = reason
            continue
        return port, stream
    raise BabbleError(
        f"The sound device cannot be opened: {error}; close programs that use it, or use the page."
    )


def _callback(port: DevicePort) -> Callable[..., None]:
    def callback(indata: np.ndarray, outdata: np.ndarray, frames: int, time: Any, status: Any) -> None:
        outdata[:, 0] = port.exchange(indata[:, 0].copy())

    return callback
