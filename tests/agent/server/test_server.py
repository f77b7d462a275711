"""The server: what goes through, and what each fault leads to."""

import contextlib
import json
import time

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from babble_jax.agent.server import protocol
from babble_jax.agent.server.protocol import AudioFrame, CloseCode
from babble_jax.errors import BabbleError
from tests.agent.serving import HELLO, expect_end, pack, serve
from tests.agent.stand_ins import Factory


def test_answers_each_frame_with_the_sound_that_follows():
    with serve() as served, served.enter() as (client, welcome):
        assert (welcome["sample_rate"], welcome["next_sample"], welcome["resumed"]) == (16_000, 0, False)
        answers = []
        for number in range(5):
            client.send(pack(number))
            answers.append(protocol.unpack_frame(client.recv(5)))
        assert [len(one.audio) for one in answers] == [640, 320, 320, 320, 320]
        assert [one.sample for one in answers] == [0, 640, 960, 1280, 1600]
        sound = np.concatenate([one.audio for one in answers])
        np.testing.assert_allclose(sound, np.repeat([0, 0.25], [320, 1600]), atol=1e-4)
        client.send(json.dumps({"type": "stop"}))
        ended = json.loads(client.recv(5))
        assert (ended["type"], ended["seconds"]) == ("ended", 0.1)
        recorder = served.factory.recorders[0]
        assert (len(recorder.user), recorder.closed) == (1600, 1)


def expect_drop(client, code: int) -> str:
    """Reads until the server closes the connection; returns its sentence."""
    messages = []
    with pytest.raises(ConnectionClosed) as closed:
        receive_all(client, messages)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    texts = [json.loads(one) for one in messages if isinstance(one, str)]
    return next(one["text"] for one in texts if one["type"] in ("error", "ended"))


def receive_all(client, messages: list) -> None:
    while True:
        messages.append(client.recv(10))


FAULTS = {
    "garbage text": ("no json", CloseCode.MALFORMED),
    "garbage bytes": (b"garbage" * 10, CloseCode.MALFORMED),
    "empty bytes": (b"", CloseCode.MALFORMED),
    "unknown type": (json.dumps({"type": "dance"}), CloseCode.MALFORMED),
    "long text": (json.dumps({"type": "notice", "values": {"x": "y" * 9000}}), CloseCode.MALFORMED),
    "NaN": (protocol.pack_frame(AudioFrame(0, 0, 0, np.full(320, np.nan)), "float32"), CloseCode.MALFORMED),
    "too fast": (pack(400), CloseCode.TOO_FAST),
    "impossible knob": (json.dumps({"type": "knobs", "patience": -1}), CloseCode.MALFORMED),
    "impossible delay": (json.dumps({"type": "delay", "output_delay": 99}), CloseCode.MALFORMED),
    "notice of another kind": (json.dumps({"type": "notice", "values": 3}), CloseCode.MALFORMED),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_client_that_breaks_the_rules_is_dropped_with_a_line(many, fault):
    message, code = FAULTS[fault]
    before = len(many.lines)
    with many.enter() as (client, _):
        client.send(message)
        text = expect_drop(client, code)
    assert f"client dropped: {text}" in many.lines[before:]


def test_frames_and_messages_beyond_bounds_are_never_read(many):
    with many.enter() as (client, _):
        client.send(bytes(protocol.MAX_FRAME_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(5)
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("no json", CloseCode.MALFORMED),
        (pack(0), CloseCode.MALFORMED),
        (json.dumps({"type": "stop"}), CloseCode.MALFORMED),
        (json.dumps({**HELLO, "version": 9}), CloseCode.VERSION),
        (json.dumps({**HELLO, "sample_rate": 48_000}), CloseCode.RATE),
        (json.dumps({**HELLO, "resume": "unknown"}), CloseCode.NO_SESSION),
    ],
)
def test_other_first_messages_are_refused(many, first, code):
    with many.connect() as client:
        client.send(first)
        expect_drop(client, code)


def test_messages_that_come_too_often_are_refused(many):
    with many.enter() as (client, _):
        with contextlib.suppress(ConnectionClosed):  # the server may close it before the last is sent
            for _ in range(200):
                client.send(json.dumps({"type": "ping", "clock": 1}))
        expect_drop(client, CloseCode.TOO_FAST)


def test_pings_are_answered_and_the_devices_values_go_into_the_recording(many):
    with many.enter(passport={"browser": "x"}, output_delay=0.1) as (client, _):
        recorder, engine = many.factory.recorders[-1], many.factory.engines[-1]
        client.send(json.dumps({"type": "ping", "clock": 1.5}))
        assert json.loads(client.recv(5)) == {"type": "pong", "clock": 1.5}
        client.send(json.dumps({"type": "notice", "values": {"underruns": 2}}))
        client.send(json.dumps({"type": "knobs", "patience": 2}))
        client.send(json.dumps({"type": "delay", "output_delay": 0.12}))
        many.wait_for(lambda: len(recorder.entries) >= 4)
        assert engine.knobs == {"patience": 2.0, "firmness": 1.0, "backchannels": 1.0, "shift": 0.0}
    events = {entry["event"]: entry for entry in recorder.entries}
    assert (events["hello"]["browser"], events["hello"]["output_delay"]) == ("x", 0.1)
    assert events["notice"]["underruns"] == 2
    assert events["knobs"]["patience"] == 2
    assert events["output delay"]["output_delay"] == 0.12


def test_a_client_that_vanishes_comes_back_to_its_conversation():
    with serve() as served:
        with served.enter() as (client, welcome):
            for number in range(3):
                client.send(pack(number))
            client.recv(5)
            client.socket.shutdown(2)
        served.wait_for(lambda: any("vanished" in line for line in served.lines))
        time.sleep(0.1)
        with served.enter(resume=welcome["key"]) as (client, again):
            assert (again["resumed"], again["key"]) == (True, welcome["key"])
            assert again["next_sample"] == 3 * 320
            for number in range(2, 8):  # one of them came before
                client.send(pack(number))
            client.send(json.dumps({"type": "stop"}))
            expect_end(client)
        assert len(served.factory.recorders) == 1
        np.testing.assert_allclose(served.factory.recorders[0].user, np.full(8 * 320, 0.5), atol=1e-4)


def test_who_comes_back_takes_over_from_the_old_connection():
    with (
        serve() as served,
        served.enter() as (old, welcome),
        served.enter(resume=welcome["key"]) as (client, again),
    ):
        assert again["resumed"]
        with pytest.raises(ConnectionClosed) as closed:
            old.recv(5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.REPLACED
        client.send(pack(0))
        assert isinstance(client.recv(5), bytes)


def test_a_client_that_does_not_come_back_ends_its_conversation():
    with serve(resume_seconds=0.1) as served:
        with served.enter() as (client, welcome):
            client.send(pack(0))
            client.recv(5)
        served.wait_for(lambda: served.factory.recorders[0].closed)
        with served.enter(resume=welcome["key"]) as (_, answer):
            assert (answer["type"], answer["code"]) == ("error", CloseCode.NO_SESSION)


def test_one_conversation_at_a_time_unless_more_are_asked_for():
    with serve() as served, served.enter() as (first, _):
        with served.enter() as (_, answer):
            assert (answer["type"], answer["code"]) == ("error", CloseCode.BUSY)
        first.send(json.dumps({"type": "stop"}))
        expect_end(first)
        with served.enter() as (_, answer):
            assert answer["type"] == "welcome"
    with serve(sessions=2) as served, served.enter() as (_, first), served.enter() as (_, second):
        assert first["type"] == second["type"] == "welcome"
        assert first["key"] != second["key"]
        with served.enter() as (_, answer):
            assert answer["code"] == CloseCode.BUSY


def test_who_has_vanished_makes_room():
    with serve() as served:
        with served.enter():
            pass
        served.wait_for(lambda: any("vanished" in line for line in served.lines))
        with served.enter() as (_, answer):
            assert answer["type"] == "welcome"
        served.wait_for(lambda: served.factory.recorders[0].closed)


def test_a_disk_that_is_full_ends_the_conversation_with_a_sentence():
    fault = OSError(28, "No space left on device")
    with serve(Factory(fault=fault)) as served, served.enter() as (client, _):
        with contextlib.suppress(ConnectionClosed):  # the first one ends it
            for number in range(3):
                client.send(pack(number))
        assert "No space left" in expect_drop(client, CloseCode.DISK)
        assert served.factory.recorders[0].closed == 1


def test_a_defect_of_the_engine_ends_the_conversation_and_is_logged():
    with serve(Factory(fault=ZeroDivisionError("defect"))) as served, served.enter() as (client, _):
        with contextlib.suppress(ConnectionClosed):  # the first one ends it
            for number in range(3):
                client.send(pack(number))
        expect_drop(client, CloseCode.FAILED)
    assert any("ZeroDivisionError: defect" in line for line in served.lines)


def test_an_engine_that_cannot_be_made_is_a_sentence_for_the_client():
    def refuse(_):
        raise BabbleError("The folder cannot be written.")

    with serve(refuse) as served, served.enter() as (_, answer):
        assert (answer["type"], answer["text"]) == ("error", "The folder cannot be written.")


def test_the_longest_time_of_a_conversation():
    with serve(max_seconds=0.1) as served, served.enter() as (client, _):
        with contextlib.suppress(ConnectionClosed):  # the fifth ends it
            for number in range(6):
                client.send(pack(number))
        assert expect_end(client)["seconds"] >= 0.1


def test_conversations_are_finished_when_the_server_stops():
    with serve() as served, served.enter() as (client, _):
        client.send(pack(0))
        client.recv(5)
    assert served.factory.recorders[0].closed == 1


def test_a_client_that_is_too_slow_is_waited_for():
    with serve() as served, served.enter() as (client, _):
        for number in range(4):
            time.sleep(0.06)
            client.send(pack(number))
            assert isinstance(client.recv(5), bytes)
        client.send(json.dumps({"type": "stop"}))
        ended = expect_end(client)
    assert (ended["seconds"], ended["lost_seconds"], ended["skipped_seconds"]) == (0.08, 0, 0)


def test_what_never_came_is_silence_and_is_counted():
    with serve() as served, served.enter() as (client, _):
        for number in (0, 3):
            client.send(pack(number))
        client.send(pack(1))  # too late
        client.send(json.dumps({"type": "stop"}))
        assert expect_end(client)["lost_seconds"] == 0.04
    recorder = served.factory.recorders[0]
    np.testing.assert_allclose(recorder.user, np.repeat([0.5, 0, 0, 0.5], 320), atol=1e-4)
    assert [entry["samples"] for entry in recorder.entries if entry["event"] == "lost"] == [640]


def test_an_engine_that_is_behind_passes_over_sound_and_the_delay_does_not_grow():
    with serve(Factory(seconds_per_block=0.03), limit=0.1) as served, served.enter() as (client, _):
        began = time.monotonic()
        for number in range(50):
            client.send(pack(number))
            time.sleep(max(0, began + 0.02 * number - time.monotonic()))
        client.send(json.dumps({"type": "stop"}))
        ended = expect_end(client)
    engine, recorder = served.factory.engines[0], served.factory.recorders[0]
    assert ended["skipped_seconds"] > 0.1
    assert engine.stepped + engine.passed == len(recorder.user) == 50 * 320
    assert any("got no answer" in line for line in served.lines)
    assert any(entry["event"] == "behind" for entry in recorder.entries)
