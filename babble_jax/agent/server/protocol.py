"""Messages between a live agent's server and its clients, version 1.

Sound goes in binary frames: a header of 24 bytes and PCM of one channel. All else is JSON of one object with a `type`.
Everything that comes from a client is bounded before it is understood; what breaks a rule raises `ProtocolError`.

Axes: T samples of a frame.
"""

import dataclasses
import math
import struct
from typing import Any, Literal

import numpy as np

from babble_jax.audio.pcm import from_int16, to_int16
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json
from babble_jax.printable import escape_unprintable

VERSION = 1
"""Version of the protocol; the first byte of every binary frame."""
HEADER = struct.Struct("<BBHIQd")
"""Version, sample format, 0, sequence number, first sample, the sender's clock in seconds; little-endian."""
MAX_SAMPLES = 4096
"""Most samples of a frame."""
MAX_FRAME_BYTES = HEADER.size + 4 * MAX_SAMPLES
MAX_TEXT_BYTES = 8192
"""Longest JSON message."""
MAX_OUTPUT_DELAY = 2.0
"""Seconds; the largest output delay that a client may announce."""

SampleFormat = Literal["int16", "float32"]
FORMAT_CODES: dict[SampleFormat, int] = {"int16": 1, "float32": 2}
_FORMATS = {code: name for name, code in FORMAT_CODES.items()}
_WIDTH = {1: 2, 2: 4}  # bytes
_MAX_NOTICE_VALUES = 64
_MAX_STRING = 500  # characters


class CloseCode:
    """Codes with which the server closes a connection; each comes with a sentence."""

    ENDED = 1000
    GOING_AWAY = 1001
    MALFORMED = 4000
    TOKEN = 4001
    VERSION = 4002
    BUSY = 4003
    RATE = 4004
    TOO_FAST = 4005
    NO_SESSION = 4006
    DISK = 4007
    SILENT = 4008
    FAILED = 4009
    REPLACED = 4010


class ProtocolError(Exception):
    """Says why a client is dropped.

    Args:
      text: a sentence.
      code: one of `CloseCode`.
    """

    def __init__(self, text: str, code: int = CloseCode.MALFORMED):
        super().__init__(escape_unprintable(text)[:400])
        self.code = code


@dataclasses.dataclass(frozen=True, eq=False)
class AudioFrame:
    """A binary frame.

    Attributes:
      sequence: number of the frame, from 0 on, modulo 2**32.
      sample: number of its first sample since the session began.
      clock: the sender's clock at the first sample, seconds; in the answer of the server that of the user's frame.
      audio: [T] float32 in [-1, 1].
    """

    sequence: int
    sample: int
    clock: float
    audio: np.ndarray


def pack_frame(frame: AudioFrame, sample_format: SampleFormat = "int16") -> bytes:
    """Writes a frame as bytes."""
    code = FORMAT_CODES[sample_format]
    header = HEADER.pack(VERSION, code, 0, frame.sequence % 2**32, frame.sample, frame.clock)
    audio = to_int16(frame.audio).astype("<i2") if code == 1 else frame.audio.astype("<f4")
    return header + audio.tobytes()


def unpack_frame(data: bytes) -> AudioFrame:
    """Reads a frame; amplitudes beyond full scale are clipped.

    Raises:
      ProtocolError: the bytes are no frame of this version, or hold what is no number.
    """
    if len(data) <= HEADER.size:
        raise ProtocolError(f"a binary frame of {len(data)} bytes holds no sound")
    if len(data) > MAX_FRAME_BYTES:
        raise ProtocolError(f"a binary frame of {len(data)} bytes is longer than {MAX_FRAME_BYTES}")
    version, code, reserved, sequence, sample, clock = HEADER.unpack_from(data)
    if version != VERSION or reserved:
        raise ProtocolError("a binary frame is not of version 1")
    if code not in _FORMATS:
        raise ProtocolError(f"a binary frame has the unknown sample format {code}")
    count, rest = divmod(len(data) - HEADER.size, _WIDTH[code])
    if rest or count > MAX_SAMPLES:
        raise ProtocolError(f"a binary frame holds more than {MAX_SAMPLES} samples, or part of one")
    if sample >= 2**53 or not math.isfinite(clock):
        raise ProtocolError("a binary frame has an impossible time")
    if code == 1:
        audio = from_int16(np.frombuffer(data, "<i2", offset=HEADER.size))
    else:
        audio = np.frombuffer(data, "<f4", offset=HEADER.size)
        if not np.isfinite(audio).all():
            raise ProtocolError("a binary frame holds samples that are no numbers")
        audio = np.clip(audio, -1.0, 1.0)
    return AudioFrame(sequence, sample, clock, audio)


@dataclasses.dataclass(frozen=True)
class Hello:
    """The first message of a client.

    Attributes:
      sample_rate: Hz, of its frames.
      output_delay: seconds from the user's sound at the microphone to the moment at which the agent's sound of the same
        sample number is heard.
      mode: whether the agent is heard through headphones or a loudspeaker.
      token: what the server's address holds behind `#`.
      resume: key of a session that goes on; None for a new one.
      sample_format: of the server's frames.
      consent: whether the user agreed to the text that is shown first.
      passport: values about the client's devices that are logged with the session.
    """

    sample_rate: int
    output_delay: float = 0.0
    mode: Literal["headphones", "loudspeaker"] = "headphones"
    token: str = ""
    resume: str | None = None
    sample_format: SampleFormat = "int16"
    consent: bool = False
    passport: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class KnobValues:
    """The message `knobs`: what the user may adjust while the session runs."""

    patience: float = 1.0
    firmness: float = 1.0
    backchannels: float = 1.0
    shift: float = 0.0


KNOB_LIMITS = {
    "patience": (0.05, 20.0),
    "firmness": (0.05, 20.0),
    "backchannels": (0.0, 20.0),
    "shift": (-2.0, 2.0),
}
"""Least and greatest value of each knob; of `shift` in seconds."""


def parse_message(text: str) -> dict[str, Any]:
    """Parses a JSON message.

    Raises:
      ProtocolError: it is too long, no JSON object, or has no type.
    """
    if len(text) > MAX_TEXT_BYTES or len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise ProtocolError(f"a message is longer than {MAX_TEXT_BYTES} bytes")
    try:
        value = parse_json(text, "a message", "send one JSON object")
    except BabbleError as error:
        raise ProtocolError(str(error)) from None
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise ProtocolError("a message is no JSON object with a type")
    return value


def parse_hello(message: dict[str, Any]) -> Hello:
    """Reads the first message of a client.

    Raises:
      ProtocolError: it is no hello of this version, or a value is not of its kind.
    """
    if message["type"] != "hello":
        raise ProtocolError("the first message must be a hello")
    if message.get("version") != VERSION:
        raise ProtocolError(f"this server speaks version {VERSION} of the protocol", CloseCode.VERSION)
    mode = message.get("mode", "headphones")
    sample_format = message.get("sample_format", "int16")
    resume = message.get("resume")
    if mode not in ("headphones", "loudspeaker") or sample_format not in ("int16", "float32"):
        raise ProtocolError("the hello names a mode or a sample format that is unknown")
    if resume is not None and not isinstance(resume, str):
        raise ProtocolError("the hello's resume is no text")
    return Hello(
        sample_rate=int(_number(message, "sample_rate", 1, 1_000_000)),
        output_delay=_number(message, "output_delay", 0.0, MAX_OUTPUT_DELAY, 0.0),
        mode=mode,
        token=str(message.get("token", ""))[:_MAX_STRING],
        resume=resume,
        sample_format=sample_format,
        consent=message.get("consent") is True,
        passport=bound_values(message.get("passport", {})),
    )


def parse_knobs(message: dict[str, Any]) -> KnobValues:
    """Reads the message `knobs`.

    Raises:
      ProtocolError: a value is no number within `KNOB_LIMITS`.
    """
    values = {name: _number(message, name, *limits, None) for name, limits in KNOB_LIMITS.items()}
    return KnobValues(**{name: value for name, value in values.items() if value is not None})


def parse_delay(message: dict[str, Any]) -> float:
    """Reads the message `delay`: the output delay in seconds from now on, see `Hello`.

    Raises:
      ProtocolError: it is no number from 0 to `MAX_OUTPUT_DELAY`.
    """
    return _number(message, "output_delay", 0.0, MAX_OUTPUT_DELAY)


def bound_values(values: Any) -> dict[str, Any]:
    """Bounds what a client tells about itself, for a log: flat, so many values, short texts.

    Raises:
      ProtocolError: it is no object.
    """
    if not isinstance(values, dict):
        raise ProtocolError("the values of a notice are no JSON object")
    result = {}
    for name, value in list(values.items())[:_MAX_NOTICE_VALUES]:
        if isinstance(value, str):
            value = escape_unprintable(value[:_MAX_STRING])
        elif not (value is None or isinstance(value, bool | int | float)):
            value = escape_unprintable(str(value)[:_MAX_STRING])
        result[escape_unprintable(str(name)[:60])] = value
    return result


_REQUIRED = object()


def _number(message: dict[str, Any], name: str, low: float, high: float, default: Any = _REQUIRED) -> Any:
    """Returns a number of a message within its limits."""
    value = message.get(name)
    if value is None and default is not _REQUIRED:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ProtocolError(f"{name} must be a number from {low:g} to {high:g}")
    return float(value)
