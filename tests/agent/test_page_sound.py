"""End to end in Chromium: real speech into its microphone, and what is recorded beside what the page heard and played.

The browser's own audio context is tapped, so that the recording is compared with what was heard and played there, to
the sample; offsets in the recording are measured anew from its sound.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from babble_jax.agent.hearing.perception import HOP, Perception
from babble_jax.agent.session.ipu_tracker import AGENT, USER, IpuTracker
from babble_jax.audio import wave
from babble_jax.audio.resampling import resample
from babble_jax.timing.events.ipu import Definitions, Ipus
from babble_jax.timing.events.transfers import floor_transfers
from tests.agent.chromium import launch, take_tap, tap, wait_for_state, write_microphone
from tests.agent.serving import babble_live

pytestmark = [
    pytest.mark.slow,
    # A program is started at once after the fork, so that JAX's threads, of tests before these, do not matter.
    pytest.mark.filterwarnings(r"ignore:os\.fork:RuntimeWarning"),
]
RATE = 16_000


def converse(
    out: Path, microphone: Path, seconds: float, *options: str, record: bool = True
) -> tuple[Path, tuple, dict]:
    """Talks for some seconds; returns the folder of the recording, what was tapped, and what the page shows."""
    with babble_live(out, *options) as (address, _), launch(microphone, bypass_csp=True) as page:
        if record:
            tap(page)
        page.goto(address)
        wait_for_state(page, "start")
        page.click("#talk")
        wait_for_state(page, "live")
        page.wait_for_timeout(1000 * seconds)
        page.click("#talk")
        wait_for_state(page, "ended")
        shown = {who: int(page.inner_text(f"#{who}-count")) for who in ("user", "agent")}
        assert page.faults == []
        taken = take_tap(page) if record else ()
    (folder,) = out.iterdir()
    return folder, taken, shown


def read_log(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def logged_ipus(events: list[dict], lag: float, samples: int) -> list[list]:
    """Returns the IPUs of user and agent in samples, as the session logged them."""
    tracker = IpuTracker(RATE, HOP, lag)
    for event in events:
        tracker.add(event)
    return [tracker.ipus(who, samples) for who in (USER, AGENT)]


def perceived_ipus(user: np.ndarray, agent: np.ndarray, lag: float) -> list:
    """Perceives a recorded channel anew; returns IPUs in samples."""
    perception, tracker, on = Perception(), IpuTracker(RATE, HOP, lag), False
    for number in range(len(user) // HOP):
        part = slice(number * HOP, (number + 1) * HOP)
        speech = perception.step(user[part], agent[part]).speech
        if (speech >= (0.4 if on else 0.6)) != on:
            on = not on
            name = "user began" if on else "user ended"
            tracker.add({"event": name, "sample": (number + 1) * HOP})
    return tracker.ipus(USER, len(user))


def sounding_ipus(agent: np.ndarray, least: float, bridge: float) -> list[tuple[int, int]]:
    """Measures where a channel sounds: edges in samples, silences shorter than `bridge` seconds filled."""
    loud = np.flatnonzero(np.abs(agent) >= least)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > bridge * RATE)
    return list(zip(loud[np.append(0, breaks + 1)], loud[np.append(breaks, len(loud) - 1)] + 1, strict=True))


def offsets(user: list, agent: list, until: float) -> dict[tuple[int, float], float]:
    """Returns floor-transfer offsets in seconds, by speaker and onset, of IPUs in samples that end before a time."""
    rows = sorted(
        (one[0] / RATE, one[1] / RATE, who)
        for who, ipus in enumerate((user, agent))
        for one in ipus
        if one[1] / RATE < until and one[1] - one[0] >= 0.05 * RATE
    )
    onset, end, speaker = (np.array([row[i] for row in rows], float) for i in range(3))
    units = Ipus(speaker.astype(np.int32), onset, end, np.zeros(len(rows), np.int32), ("user", "agent"))
    transfers = floor_transfers(units, "ipu", Definitions())
    rows = np.flatnonzero(transfers.defined)
    return {(int(speaker[i]), round(float(onset[i]), 4)): float(transfers.fto[i]) for i in rows}


def lag_of(a: np.ndarray, b: np.ndarray) -> int:
    """Returns the samples by which `b` is later than `a`."""
    size = 2 ** int(np.ceil(np.log2(len(a) + len(b))))
    product = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)
    lag = int(np.argmax(product))
    return lag if lag < size // 2 else lag - size


def devices_delay(events: list[dict]) -> float:
    """Returns the seconds that the devices add: the output delay less the page's own share of it.

    The page tells its share every five seconds, and the whole at each change: the two that were true at once count.
    """
    output_delay, devices = 0.0, float("nan")
    for event in events:
        output_delay = event.get("output_delay", output_delay)
        devices = output_delay - event["page_delay"] if "page_delay" in event else devices
    return devices


def check_against_tap(folder: Path, taken: tuple) -> None:
    """Compares the recording with what the page's audio context heard and played."""
    rate, _, microphone_sound, played = taken
    sound = wave.read_sound(folder / "session.wav", mono=False).audio
    microphone_sound, played = (resample(one, rate, RATE) for one in (microphone_sound, played))
    start = lag_of(sound[:, 0], microphone_sound)  # the context runs before the conversation begins
    # Less than 1, since the context's clock lies up to half a sample beside that of the recording.
    part = slice(8000, -8000)
    same = np.corrcoef(sound[part, 0], microphone_sound[start : start + len(sound)][part])[0, 1]
    assert same > 0.98
    # The recording is of what the ear hears: later than the context by what the browser says of its devices.
    devices = devices_delay(read_log(folder))
    shift = (lag_of(sound[:, 1], played) - start) / RATE
    print(f"same {same:.4f}, played {1000 * (shift + devices):.2f} ms beside the recording")
    assert abs(shift + devices) < 0.005, (shift, devices)


@pytest.fixture(scope="module")
def microphone(tmp_path_factory):
    return write_microphone(tmp_path_factory.mktemp("microphone") / "speech.wav", 90)


def test_offsets_measured_in_the_recording_are_those_that_were_logged(microphone, tmp_path):
    folder, taken, shown = converse(tmp_path / "out", microphone, 40, "--voice", "clicks", "--seed", "3")
    sound = wave.read_sound(folder / "session.wav", mono=False).audio
    events = read_log(folder)
    lag = json.loads((folder / "session.json").read_text())["lag"]
    until = len(sound) / RATE - 1
    logged_user, logged_agent = logged_ipus(events, lag, len(sound))
    logged = offsets(logged_user, logged_agent, until)
    user = perceived_ipus(sound[:, 0], np.zeros(len(sound), np.float32), lag)
    measured = offsets(user, sounding_ipus(sound[:, 1], 0.01, 0.19), until)
    print(f"{len(logged)} offsets, statistics {events[-1]}")
    assert len(logged) >= 6
    assert len(measured) == len(logged)
    pairs = zip(sorted(measured.items()), sorted(logged.items()), strict=True)
    difference = np.array([one[1] - other[1] for one, other in pairs])
    print("largest difference in ms", 1000 * np.abs(difference).max())
    assert np.abs(difference).max() < 0.005
    assert events[-1]["lost_seconds"] == 0
    assert 0 <= sum(shown.values()) - len(logged) <= 3  # those of the last second, too
    check_against_tap(folder, taken)


def test_offsets_of_babble_in_the_recording_are_those_that_were_logged(microphone, tmp_path):
    folder, taken, _ = converse(tmp_path / "out", microphone, 40, "--seed", "3")
    sound = wave.read_sound(folder / "session.wav", mono=False).audio
    events = read_log(folder)
    onsets = [event["sample"] / RATE for event in events if event.get("event") == "sound began"]
    measured = [first / RATE for first, _ in sounding_ipus(sound[:, 1], 1e-3, 0.15)]
    decided = [e["sample"] / RATE for e in events if e.get("event") in ("turn", "backchannel")]
    print("onsets logged", onsets, "measured", measured, "decided", decided)
    assert len(onsets) >= 4
    for onset in onsets:
        assert min(abs(onset - one) for one in measured) < 0.010
    check_against_tap(folder, taken)


@pytest.mark.parametrize("busy", [False, True])
def test_no_frame_of_ten_thousand_is_lost(busy, tmp_path):
    speech = write_microphone(tmp_path / "speech.wav", 210)
    loop = [sys.executable, "-c", "while True: pass"]
    with contextlib.ExitStack() as stack:
        if busy:
            other = stack.enter_context(subprocess.Popen(loop))
            stack.callback(other.kill)
        folder, _, _ = converse(tmp_path / "out", speech, 202, "--voice", "clicks", record=False)
    events = read_log(folder)
    statistics = events[-1]
    notices = [event for event in events if event.get("event") == "notice"]
    print(
        busy, statistics, {name: notices[-1][name] for name in ("underruns", "late", "holes", "page_delay")}
    )
    assert statistics["seconds"] > 200
    assert statistics["lost_seconds"] == 0
    assert not any(event.get("event") == "lost" for event in events)
    assert statistics["blocks"] + round(statistics["skipped_seconds"] / 0.02) >= 10_000
    assert len(wave.read_sound(folder / "session.wav", mono=False).audio) == round(
        statistics["seconds"] * RATE
    )
