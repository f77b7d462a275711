"""Messages of the protocol: there and back, and everything that is refused."""

import json
import math

import numpy as np
import pytest

from babble_jax.agent.server import protocol
from babble_jax.agent.server.protocol import HEADER, AudioFrame, CloseCode, ProtocolError


def header(version=1, code=1, reserved=0, sequence=0, sample=0, clock=0.0) -> bytes:
    return HEADER.pack(version, code, reserved, sequence, sample, clock)


@pytest.mark.parametrize(("sample_format", "tolerance"), [("int16", 2**-15), ("float32", 0)])
def test_frames_read_back(sample_format, tolerance):
    audio = np.random.default_rng(0).uniform(-1, 1, 321).astype(np.float32)
    data = protocol.pack_frame(AudioFrame(7, 2**40, 3.25, audio), sample_format)
    frame = protocol.unpack_frame(data)
    assert (frame.sequence, frame.sample, frame.clock) == (7, 2**40, 3.25)
    np.testing.assert_allclose(frame.audio, audio, atol=tolerance)


def test_sequence_numbers_wrap():
    assert protocol.unpack_frame(protocol.pack_frame(AudioFrame(2**32 + 5, 0, 0, np.zeros(1)))).sequence == 5


def test_loud_samples_are_clipped():
    loud = np.array([3.0, -3.0, 0.5], np.float32)
    data = protocol.pack_frame(AudioFrame(0, 0, 0, loud), "float32")
    np.testing.assert_array_equal(protocol.unpack_frame(data).audio, [1, -1, 0.5])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        header(),
        header() + b"\0",
        header() + b"\0\0\0",
        header(version=2) + b"\0\0",
        header(code=9) + b"\0\0",
        header(reserved=1) + b"\0\0",
        header(sample=2**53) + b"\0\0",
        header(clock=math.nan) + b"\0\0",
        header(code=2) + np.array([0, np.nan], "<f4").tobytes(),
        header(code=2) + np.array([np.inf], "<f4").tobytes(),
        header() + bytes(2 * protocol.MAX_SAMPLES + 2),
        header(code=2) + bytes(4 * protocol.MAX_SAMPLES + 4),
    ],
)
def test_other_bytes_are_refused(data):
    with pytest.raises(ProtocolError):
        protocol.unpack_frame(data)


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "1", "{}", '{"type": 1}', '{"type": "a", "x": NaN}', "[" * 5000]
)
def test_other_text_is_refused(text):
    with pytest.raises(ProtocolError):
        protocol.parse_message(text)


def test_long_text_is_refused():
    with pytest.raises(ProtocolError, match="longer"):
        protocol.parse_message(json.dumps({"type": "x" * protocol.MAX_TEXT_BYTES}))


def test_hello():
    passport = {"browser": "x" * 1000, "n": 1, "deep": {"a": [1]}, "line\nend": None}
    hello = protocol.parse_hello(
        {"type": "hello", "version": 1, "sample_rate": 16_000, "output_delay": 0.1, "passport": passport}
    )
    assert (hello.sample_rate, hello.output_delay, hello.mode, hello.resume) == (
        16_000,
        0.1,
        "headphones",
        None,
    )
    assert len(hello.passport["browser"]) == 500
    assert hello.passport["deep"] == "{'a': [1]}"
    assert "line\\nend" in hello.passport


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "stop"}, CloseCode.MALFORMED),
        ({"version": 2}, CloseCode.VERSION),
        ({"version": None}, CloseCode.VERSION),
        ({"sample_rate": None}, CloseCode.MALFORMED),
        ({"sample_rate": True}, CloseCode.MALFORMED),
        ({"sample_rate": "16000"}, CloseCode.MALFORMED),
        ({"output_delay": -1}, CloseCode.MALFORMED),
        ({"output_delay": 3}, CloseCode.MALFORMED),
        ({"mode": "telepathy"}, CloseCode.MALFORMED),
        ({"mode": ["headphones"]}, CloseCode.MALFORMED),
        ({"sample_format": {}}, CloseCode.MALFORMED),
        ({"resume": 1}, CloseCode.MALFORMED),
        ({"passport": []}, CloseCode.MALFORMED),
    ],
)
def test_other_hellos_are_refused(changes, code):
    with pytest.raises(ProtocolError) as error:
        protocol.parse_hello({"type": "hello", "version": 1, "sample_rate": 16_000, **changes})
    assert error.value.code == code


def test_knobs():
    values = protocol.parse_knobs({"type": "knobs", "patience": 2, "shift": -0.1})
    assert (values.patience, values.firmness, values.shift) == (2.0, 1.0, -0.1)
    for message in ({"patience": 0}, {"shift": 9}, {"backchannels": "many"}, {"firmness": [1]}):
        with pytest.raises(ProtocolError, match="must be a number"):
            protocol.parse_knobs(message)


def test_delay():
    assert protocol.parse_delay({"output_delay": 0.2}) == 0.2
    with pytest.raises(ProtocolError, match="must be a number"):
        protocol.parse_delay({})
