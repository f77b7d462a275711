"""The page in Chromium: each of its states, by what somebody who sees it reads.

With the variable BABBLE_SHOTS each state is drawn into that folder: desktop and phone, light and dark.
"""

import contextlib
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from babble_jax.audio import wave
from tests.agent.chromium import FAKE, Proxy, launch, shoot, wait_for, wait_for_state, write_microphone
from tests.agent.serving import serve
from tests.agent.stand_ins import Factory

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def agent():
    from babble_jax.agent.live_agent import AgentConfig, LiveAgent

    return LiveAgent(AgentConfig(voice="clicks", seed=3))


@pytest.fixture(scope="module")
def microphone(tmp_path_factory):
    return write_microphone(tmp_path_factory.mktemp("microphone") / "speech.wav", 120)


@contextlib.contextmanager
def talk_to(agent, out, microphone=None, flags=FAKE, browser=None, **options):
    """Serves an agent and opens its page."""
    from babble_jax.agent.live_agent import SessionFactory

    about = {**agent.describe(), "folder": str(out), "local": True, "buffer": 0.08}
    with (
        serve(SessionFactory(agent, out), about=about, **options) as served,
        launch(microphone, flags, **(browser or {})) as page,
    ):
        page.address = f"http://127.0.0.1:{options['proxy'].port if 'proxy' in options else served.port}/"
        page.goto(page.address)
        yield page, served


def test_a_conversation_from_the_first_look_to_the_deleted_recording(agent, microphone, tmp_path):
    with talk_to(agent, tmp_path, microphone) as (page, _):
        wait_for_state(page, "start")
        assert page.inner_text("#talk") == "Start talking"
        assert str(tmp_path) in page.inner_text("#recorded")
        assert page.locator("#live").is_hidden()
        shoot(page, "1-start")
        page.click("#adjust summary")
        page.click("#calibrate summary")
        shoot(page, "2-adjust")
        page.click("#calibrate summary")
        page.click("#talk")
        wait_for_state(page, "live")
        assert page.inner_text("#status") == "It is listening. Say something."
        assert page.inner_text("#value-patience").endswith(" 1.00")
        counts = "Number(document.querySelector('#user-count').innerText)"
        wait_for(page, f"{counts} + {counts.replace('user', 'agent')} > 2", 90)
        page.locator("#knob-patience").fill("20")
        page.wait_for_timeout(2_000)
        shoot(page, "3-live")
        assert page.inner_text("#status") == "You are talking. Press Stop when you have had enough."
        assert re.search(r"(You|It) began \d\.\d\d s", page.inner_text("#last"))
        assert page.inner_text("#people-median").endswith(" s")
        page.click("#talk")
        wait_for_state(page, "ended")
        shoot(page, "4-ended")
        with page.expect_download() as download:
            page.click("#download")
        with zipfile.ZipFile(download.value.path()) as archive:
            names = {Path(name).name for name in archive.namelist()}
            assert {"session.wav", "session.TextGrid", "session.json", "decisions.csv"} <= names
        folder = next(tmp_path.iterdir())
        knobs = re.findall(r'"event": "knobs".*', (folder / "events.jsonl").read_text())
        assert len(knobs) == 1
        assert '"patience": 5.0, "firmness": 1.0, "backchannels": 1.0, "shift": 0.0' in knobs[0]
        page.once("dialog", lambda dialog: dialog.accept())
        page.click("#delete")
        wait_for(page, "document.querySelector('#delete').disabled")
        assert page.inner_text("#after-status") == "The recording is deleted."
        assert not folder.exists()
        assert page.inner_text("#talk") == "Talk again"
        assert page.faults == []


def test_a_lost_connection_comes_back_and_nothing_is_lost(agent, microphone, tmp_path):
    proxies = []

    def proxy(port):
        proxies.append(Proxy(port))
        return proxies[-1]

    from babble_jax.agent.live_agent import SessionFactory

    about = {**agent.describe(), "folder": str(tmp_path), "local": True, "buffer": 0.08}
    with (
        serve(SessionFactory(agent, tmp_path), proxy, about=about) as served,
        launch(microphone) as page,
    ):
        page.goto(f"http://127.0.0.1:{proxies[0].port}/")
        page.click("#talk")
        wait_for_state(page, "live")
        page.wait_for_timeout(3000)
        proxies[0].cut()
        wait_for_state(page, "lost")
        shoot(page, "5-lost")
        page.wait_for_timeout(3000)
        proxies[0].mend()
        wait_for_state(page, "live")
        assert page.inner_text("#status") == "The connection is back. Nothing was lost."
        page.wait_for_timeout(2000)
        page.click("#talk")
        wait_for_state(page, "ended")
        ended = next(line for line in served.lines if line.startswith("session ended"))
        assert "The user ended" in ended
    (folder,) = tmp_path.iterdir()
    events = (folder / "events.jsonl").read_text()
    assert '"event": "lost"' not in events
    assert '"lost_seconds": 0.0' in events
    assert '"event": "resumed"' in events
    proxies[0].close()


def test_a_slow_machine_says_so(agent, tmp_path):
    about = {**agent.describe(), "folder": str(tmp_path), "local": True, "buffer": 0.08}
    with serve(Factory(seconds_per_block=0.04), about=about) as served, launch() as page:
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.click("#talk")
        wait_for_state(page, "live")
        wait_for(page, "document.querySelector('#status').textContent.includes('slow')")
        shoot(page, "6-slow")
        assert "without an answer" in page.inner_text("#help")
        page.click("#talk")
        wait_for_state(page, "ended")


def test_the_page_says_what_the_agent_hears_badly(agent, tmp_path, monkeypatch):
    from babble_jax.agent.hearing.perception import Perception

    notes = ["The microphone hears the agent as loud as you."]
    monkeypatch.setattr(Perception, "note", lambda _: notes[-1])
    silence = tmp_path / "silence.wav"
    wave.write(silence, np.zeros(48_000, np.float32), 48_000)
    with talk_to(agent, tmp_path / "out", silence) as (page, _):
        page.click("#talk")
        wait_for_state(page, "live")
        wait_for(page, "document.querySelector('#status').textContent.includes('hears the babbler')")
        assert page.inner_text("#help") == notes[0]
        shoot(page, "6-echo")
        notes.append(None)
        wait_for(page, "document.querySelector('#status').textContent.includes('listening')")
        assert page.locator("#help").is_hidden()
        wait_for(page, "document.querySelector('#status').textContent.includes('not heard you')", 40)
        assert "microphone" in page.inner_text("#help")
        shoot(page, "6-unheard")
        page.click("#talk")
        wait_for_state(page, "ended")
        assert page.faults == []


@pytest.mark.parametrize(
    ("name", "flags", "words"),
    [
        ("7-denied", ("--use-fake-device-for-media-stream", "--deny-permission-prompts"), "not allowed"),
        ("8-no-microphone", ("--use-fake-ui-for-media-stream",), "no microphone"),
    ],
)
def test_without_a_microphone_the_page_says_what_to_do(agent, tmp_path, name, flags, words):
    with talk_to(agent, tmp_path, flags=flags) as (page, _):
        page.click("#talk")
        wait_for_state(page, "fault")
        shoot(page, name)
        assert words in page.inner_text("#status")
        assert "press the button again" in page.inner_text("#help")
        assert page.get_attribute("#talk", "aria-disabled") == "false"
        assert list(tmp_path.iterdir()) == []


def test_a_second_page_is_told_that_it_is_busy(agent, microphone, tmp_path):
    with talk_to(agent, tmp_path, microphone) as (page, _):
        page.click("#talk")
        wait_for_state(page, "live")
        second = page.context.new_page()
        second.faults = []
        second.goto(page.address)
        second.click("#talk")
        wait_for_state(second, "fault")
        shoot(second, "9-busy")
        assert "somebody else" in second.inner_text("#status")
        page.bring_to_front()
        page.click("#talk")
        wait_for_state(page, "ended")


def test_an_address_without_its_key_is_explained(agent, tmp_path):
    with talk_to(agent, tmp_path, token="secret") as (page, _):
        page.click("#talk")
        wait_for_state(page, "fault")
        shoot(page, "10-token")
        assert "lacks its key" in page.inner_text("#status")
        page.goto("about:blank")
        page.goto(page.address + "#secret")
        page.click("#talk")
        wait_for_state(page, "live")
        page.click("#talk")
        wait_for_state(page, "ended")


def test_consent_comes_first(agent, tmp_path):
    with talk_to(agent, tmp_path, consent="We record your voice.\n\nYou may stop at any time.") as (page, _):
        wait_for_state(page, "start")
        assert "at any time" in page.inner_text("#consent-text")
        assert page.get_attribute("#talk", "aria-disabled") == "true"
        shoot(page, "11-consent")
        page.check("#consent-box")
        page.click("#talk")
        wait_for_state(page, "live")
        page.click("#talk")
        wait_for_state(page, "ended")
    (folder,) = tmp_path.iterdir()
    assert '"consent": true' in (folder / "session.json").read_text()


def test_an_old_browser_and_a_dead_program_are_explained(agent, tmp_path):
    with talk_to(agent, tmp_path) as (page, _):
        page.add_init_script("delete window.AudioWorkletNode;")
        page.reload()
        wait_for_state(page, "fault")
        shoot(page, "12-unsupported")
        assert page.get_attribute("#talk", "aria-disabled") == "true"
        page.route("**/about", lambda route: route.abort())
        page.reload()
        wait_for_state(page, "fault")
        shoot(page, "13-no-answer")
        assert "babble live" in page.inner_text("#help")


def test_the_keyboard_reaches_everything_and_everything_has_a_name(agent, tmp_path):
    with talk_to(agent, tmp_path, browser={"viewport": {"width": 375, "height": 700}}) as (page, _):
        wait_for_state(page, "start")
        reached = []
        for _ in range(8):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
            )
        assert reached[0] == "talk"
        assert "Adjust how it behaves" in reached
        nameless = page.evaluate(
            """[...document.querySelectorAll('button, input, meter, canvas, summary')].filter((one) =>
            !(one.textContent.trim() || one.ariaLabel || one.labels?.length)).map((one) => one.outerHTML)"""
        )
        assert nameless == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.focus("#talk")
        page.keyboard.press("Enter")
        wait_for_state(page, "live")
        page.keyboard.press("Enter")
        wait_for_state(page, "ended")


RESAMPLING = """async () => {
  const text = await (await fetch("/page/worklet.js")).text();
  const scope = "class AudioWorkletProcessor {}; const sampleRate = 48000, currentFrame = 0;" +
    "const registerProcessor = () => 0;";
  const { Downsampler, Playback } = new Function(`${scope}${text}; return { Downsampler, Playback };`)();
  const result = {};
  for (const rate of [16000, 44100, 48000, 96000]) {
    const largest = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b(i))), 0);
    const tone = (hertz, at) => 0.5 * Math.sin((2 * Math.PI * hertz * at));
    const push = (hertz) => {
      const down = new Downsampler(rate, 16000);
      const parts = [];
      for (let first = 0; first < rate / 4; first += 128) {
        parts.push(...down.push(Float32Array.from({ length: 128 }, (_, i) => tone(hertz, (first + i) / rate))));
      }
      return parts;
    };
    const skip = 200;
    const down = largest(push(1000).slice(skip), (i) => tone(1000, (i + skip) / 16000));
    const alias = rate > 20000 ? largest(push(10000).slice(skip), () => 0) : 0;
    const playback = new Playback(16000, rate, 0.08);
    const played = [];
    for (let sample = 0; sample < 4000; sample += 320) {
      playback.push(sample, Float32Array.from({ length: 320 }, (_, i) => tone(1000, (sample + i) / 16000)));
      const block = new Float32Array(rate / 50);
      playback.pull(block);
      played.push(...block);
    }
    const first = Math.round(0.12 * rate);
    const up = largest(played.slice(first), (i) => tone(1000, (first + i) / rate - 0.08));
    result[rate] = { down, alias, up, underruns: playback.underruns };
  }
  return result;
}"""

CHIRP = """async () => {
  const { makeChirp, findChirp } = await import("/page/audio.js");
  const chirp = makeChirp(48000);
  const noise = () => 0.02 * (Math.random() - 0.5);
  const recorded = Float32Array.from({ length: 38400 }, noise);
  chirp.forEach((value, i) => (recorded[7213 + i] += 0.05 * value));
  return [findChirp(recorded, chirp), findChirp(Float32Array.from({ length: 38400 }, noise), chirp)];
}"""


def test_resampling_and_the_chirp_are_exact(agent, tmp_path):
    with talk_to(agent, tmp_path, browser={"bypass_csp": True}) as (page, _):
        for rate, values in page.evaluate(RESAMPLING).items():
            print(rate, values)
            assert values["down"] < 1e-4, rate
            assert values["up"] < 1e-4, rate
            assert values["alias"] < 1e-3, rate
            assert values["underruns"] == 0
        assert page.evaluate(CHIRP) == [7213, None]


def test_a_chirp_that_is_not_heard_is_said(agent, microphone, tmp_path):
    with talk_to(agent, tmp_path, microphone) as (page, _):
        page.click("#calibrate summary")
        page.click("#chirp")
        wait_for(
            page, "/not heard clearly|add \\d+ ms/.test(document.querySelector('#chirp-status').textContent)"
        )
        assert page.get_attribute("#talk", "aria-disabled") == "false"
        assert page.faults == []
