"""The page of an experiment in Chromium, from the disk and from a server: keys pressed, its CSV read back.

With the variable BABBLE_SHOTS each state is drawn into that folder: desktop and phone, light and dark.
"""

import dataclasses
import io
import re
from pathlib import Path

import pandas
import pytest

from babble_jax.stimuli.experiment_page import write_page
from tests.agent.chromium import launch, shoot
from tests.stimuli.experiment_browser import FLAGS, serve, wait_for
from tests.stimuli.experiment_folder import DURATION_MS, QUESTION, TURN_ONSET_MS, write_stimuli

pytestmark = pytest.mark.slow
CLOCK = """
const Own = AudioContext;
window.AudioContext = class extends Own {
  constructor(...rest) { super(...rest); window.context = this; }
};
const begin = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
  window.begun = when;
  return begin.call(this, when);
};
window.keyTimes = [];
addEventListener("keydown", (event) => {
  const { currentTime, outputLatency } = window.context ?? {};
  window.keyTimes.push(1000 * (currentTime - window.begun - outputLatency) + event.timeStamp - performance.now());
}, true);
"""
STATE = "document.body.dataset.state"
ANSWERABLE = f"{STATE} === 'trial' && document.body.dataset.asked === 'yes'"


def wait_for_state(page, state):
    wait_for(page, f"{STATE} === '{state}'")


def write_set(folder, **changes):
    question = dataclasses.replace(QUESTION, **changes)
    write_page(folder, write_stimuli(folder), question, seed=3)
    return folder


def begin(page, participant, consent=True):
    """Goes by keys alone from the first screen to the instructions."""
    wait_for_state(page, "start")
    if participant:
        page.keyboard.type(participant)
    page.keyboard.press("Enter")
    if consent:
        wait_for_state(page, "consent")
        shoot(page, "3-consent")
        page.keyboard.press("Space")
    wait_for_state(page, "level")
    page.keyboard.press("Space")
    wait_for(page, "document.activeElement.id === 'level-done'")
    shoot(page, "4-level")
    page.keyboard.press("Space")
    wait_for_state(page, "message")


def answer(page, key):
    """Answers the question of one sound when it stands."""
    wait_for(page, ANSWERABLE)
    page.keyboard.press(key)
    wait_for(page, f"!({ANSWERABLE})")


def go_on(page, title):
    wait_for(
        page, f"{STATE} === 'message' && document.querySelector('#message-title').textContent === '{title}'"
    )
    page.keyboard.press("Space")


def read_download(page, act):
    """Returns the name and the rows of the file that an action downloads."""
    with page.expect_download() as download:
        act()
    text = Path(download.value.path()).read_text("utf-8")
    return download.value.suggested_filename, pandas.read_csv(io.StringIO(text))


def test_an_experiment_from_the_disk_by_keys_alone(tmp_path):
    folder = write_set(tmp_path / "a set")
    with launch(flags=FLAGS) as page:
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto((folder / "index.html").as_uri())
        wait_for_state(page, "start")
        assert page.title() == "Timing of turns"
        shoot(page, "1-start")
        page.keyboard.type("P 01")
        assert page.inner_text("#participant-note") == ""
        page.fill("#participant", "")
        page.keyboard.type("P02")
        assert page.inner_text("#participant-note") == "List 2 of 2, 5 sounds."
        shoot(page, "2-participant")
        begin(page, "")
        assert "Judge the second one's timing." in page.inner_text("#message-text")
        shoot(page, "5-instructions")
        page.keyboard.press("Space")
        wait_for_state(page, "trial")
        page.keyboard.press("f")  # while the sound plays: no answer
        wait_for(page, ANSWERABLE)
        shoot(page, "6-question")
        answer(page, "J")
        shoot(page, "7-test")
        go_on(page, "Practice is over")
        answer(page, "f")
        wait_for(page, "document.body.dataset.asked === 'no'")
        shoot(page, "8-listen")
        answer(page, "Space")
        wait_for_state(page, "message")
        shoot(page, "9-break")
        go_on(page, "Take a break")
        answer(page, "f")
        name, rows = read_download(page, lambda: answer(page, "j"))
        wait_for_state(page, "end")
        shoot(page, "10-end")
        assert "You may go and fetch your reward." in page.inner_text("#end-text")
        again = read_download(page, lambda: page.keyboard.press("Space"))
        assert page.faults == []
    assert name == "timing-of-turns-P02-list2.csv"
    assert again[0] == name
    pandas.testing.assert_frame_equal(again[1], rows)
    assert {url.split(":")[0] for url in requests} <= {"file", "blob", "data"}
    assert list(rows["phase"]) == ["practice", *["test"] * 4]
    assert list(rows["response_key"]) == ["j", "f", "space", "f", "j"]
    assert list(rows["response"]) == ["too late", "too early", "just right", "too early", "too late"]
    assert list(rows["early_keys"]) == [1, 0, 0, 0, 0]
    assert list(rows["order"]) == [1, 2, 3, 4, 5]
    assert sorted(rows["position"][1:]) == [1, 2, 3, 4]
    assert list(rows["catch"])[1] == 0  # a catch trial is never the first
    assert set(rows["list_file"]) == {"list2.csv"}
    assert set(rows["note"]) == {'a "b", c'}
    assert set(rows["input"]) == {"key"}
    check_times(rows)


def check_times(rows):
    """Checks that the times of each row agree with each other, to what their digits hold."""
    rt = rows["rt_from_start_ms"]
    pandas.testing.assert_series_equal(rt - DURATION_MS, rows["rt_from_end_ms"], check_names=False, atol=0.11)
    pandas.testing.assert_series_equal(
        rt - TURN_ONSET_MS, rows["rt_from_turn_ms"], check_names=False, atol=0.11
    )
    wall = pandas.to_datetime(rows["answered"]) - pandas.to_datetime(rows["sound_begun"])
    assert max(abs(wall.dt.total_seconds() * 1000 - rt)) < 2
    assert set(rows["clock"]) == {"output"}
    assert set(rows["hidden"]) == {0}


def test_a_closed_tab_loses_nothing(tmp_path):
    folder = write_set(tmp_path, practice=0, break_every=0, consent="")
    with launch(flags=FLAGS) as page:
        page.goto((folder / "index.html").as_uri())
        begin(page, "P03", consent=False)
        page.keyboard.press("Space")
        answer(page, "f")
        answer(page, "j")
        page.close(run_before_unload=False)
        page = page.context.new_page()
        page.goto((folder / "index.html").as_uri())
        wait_for_state(page, "start")
        page.click("#stored summary")
        assert "P03: list 1, 2 of 4 answered" in page.inner_text("#stored-list")
        shoot(page, "11-stored")
        page.fill("#participant", "P03")
        assert page.inner_text("#participant-note").startswith("List 1: 2 of 4 sounds are answered already")
        begin(page, "", consent=False)
        page.keyboard.press("Space")
        answer(page, "f")
        _, rows = read_download(page, lambda: answer(page, "j"))
        assert sorted(rows["position"]) == [1, 2, 3, 4]
        assert list(rows["order"]) == [1, 2, 3, 4]
        assert list(rows["response_key"]) == ["f", "j", "f", "j"]
        assert len(set(rows["session_begun"])) == 1
        page.click("#next-participant")
        wait_for_state(page, "start")
        page.click("#stored summary")
        name, stored = read_download(page, lambda: page.click("#stored-download"))
        assert name == "timing-of-turns-all.csv"
        pandas.testing.assert_frame_equal(stored, rows)
        page.once("dialog", lambda dialog: dialog.accept())
        page.click("#stored-delete")
        assert page.locator("#stored").is_hidden()
        assert page.evaluate("localStorage.length") == 0


def test_a_key_held_down_skips_no_screen(tmp_path):
    folder = write_set(tmp_path, practice=0, break_every=0)
    with launch(flags=FLAGS) as page:
        page.goto((folder / "index.html").as_uri() + "?participant=P04")
        wait_for_state(page, "start")
        for screen in ("consent", "level"):
            page.keyboard.down("Enter")
            wait_for_state(page, screen)
            for _ in range(5):
                page.keyboard.down("Enter")  # as a key that is held down repeats
            assert page.evaluate(STATE) == screen
            page.keyboard.up("Enter")
        page.keyboard.down("Enter")  # plays the noise of the sound check
        wait_for(page, "document.activeElement.id === 'level-done'")
        page.keyboard.down("Enter")
        assert page.evaluate(STATE) == "level"
        page.keyboard.up("Enter")
        page.keyboard.press("Enter")
        wait_for_state(page, "message")


def test_a_served_page_on_a_phone_by_touch(tmp_path):
    folder = write_set(tmp_path, practice=0, break_every=0)
    phone = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
    with serve(folder) as address, launch(flags=FLAGS, **phone) as page:
        page.route("**/sound0*.js", lambda route: route.abort())  # sounds come by fetch
        page.goto(f"{address}/index.html?list=2&participant=P07&seed=5")
        wait_for_state(page, "start")
        assert page.inner_text("#participant-note") == "List 2 of 2, 4 sounds."
        page.tap("button[type=submit]")
        page.tap("#agree")
        page.tap("#level-play")
        wait_for(page, "!document.querySelector('#level-done').disabled")
        page.tap("#level-done")
        page.tap("#message-next")
        for _ in range(3):
            wait_for(page, ANSWERABLE)
            page.tap("[data-key=space]")
            wait_for(page, f"!({ANSWERABLE})")
        wait_for(page, ANSWERABLE)
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        _, rows = read_download(page, lambda: page.tap("[data-key=f]"))
        assert page.faults == []
    assert list(rows["response_key"]) == ["space"] * 3 + ["f"]
    assert set(rows["input"]) == {"touch"}
    assert set(rows["list"]) == {2}
    assert set(rows["seed"]) == {5}
    check_times(rows)


def test_a_sound_packed_as_a_script_is_the_same_to_the_sample(tmp_path):
    folder = write_set(tmp_path)
    compare = """async () => {
      const context = new OfflineAudioContext(2, 100, 16000);
      const [file] = Object.keys(Babble.experiment.sounds);
      const wav = await context.decodeAudioData(await (await fetch(file)).arrayBuffer());
      Babble.sounds.clear();
      await new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = Babble.experiment.sounds[file];
        script.onload = resolve;
        document.head.append(script);
      });
      const flac = await context.decodeAudioData(Babble.sounds.get(file));
      let worst = Math.abs(wav.length - flac.length);
      for (const side of [0, 1]) wav.getChannelData(side).forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - flac.getChannelData(side)[i]));
      });
      return [wav.length, worst];
    }"""
    with serve(folder) as address, launch(flags=FLAGS) as page:
        page.goto(f"{address}/index.html")
        wait_for_state(page, "start")
        assert page.evaluate(compare) == [8000, 0]


def test_an_interrupted_sound_is_heard_again_and_an_early_answer_counts_where_it_may(tmp_path):
    folder = write_set(tmp_path, practice=0, break_every=0, consent="", early=True)
    with launch(flags=FLAGS) as page:
        page.add_init_script(CLOCK)
        page.goto((folder / "index.html").as_uri())
        begin(page, "ann", consent=False)
        page.keyboard.press("Space")
        wait_for_state(page, "trial")
        page.evaluate("window.context.suspend()")
        wait_for_state(page, "message")
        shoot(page, "12-interrupted")
        go_on(page, "The sound was interrupted")
        wait_for(page, f"{STATE} === 'trial'")
        page.wait_for_timeout(450)
        page.keyboard.press("f")
        for _ in range(2):
            page.wait_for_timeout(1000)
            wait_for(page, ANSWERABLE)
            page.keyboard.press("j")
        page.wait_for_timeout(1000)
        _, rows = read_download(page, lambda: page.keyboard.press("Space"))
        clock = page.evaluate("window.keyTimes")[-4:]
    assert list(rows["replays"]) == [1, 0, 0, 0]
    # The page's own clock agrees with that of the graph, less what the output takes.
    assert list(rows["rt_from_start_ms"]) == pytest.approx(clock, abs=30)
    assert -DURATION_MS < next(iter(rows["rt_from_end_ms"])) < 0
    check_times(rows)


def test_what_is_missing_is_named(tmp_path):
    folder = write_set(tmp_path, consent="")
    with launch(flags=FLAGS) as page:
        page.goto((folder / "index.html").as_uri() + "?list=3")
        wait_for_state(page, "fault")
        assert "there are 2" in page.inner_text("#fault-help")
        for script in (folder / "page").glob("sound000[5-7].js"):
            script.unlink()
        page.goto((folder / "index.html").as_uri() + "?list=2")
        wait_for_state(page, "start")
        page.keyboard.type("P01")
        page.keyboard.press("Enter")
        wait_for_state(page, "fault")
        assert re.search(r"cannot be loaded: item00\d-\w+\.wav", page.inner_text("#fault-text"))
        shoot(page, "13-missing")
        (folder / "page" / "trials.js").unlink()
        page.goto((folder / "index.html").as_uri())
        wait_for_state(page, "fault")
        assert "page/trials.js" in page.inner_text("#fault-help")


def test_who_does_not_agree_leaves_no_trace(tmp_path):
    folder = write_set(tmp_path)
    with launch(flags=FLAGS) as page:
        page.goto((folder / "index.html").as_uri() + "?participant=P01")
        wait_for_state(page, "start")
        page.keyboard.press("Enter")
        wait_for_state(page, "consent")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        wait_for_state(page, "declined")
        assert page.evaluate("localStorage.length") == 0


def test_no_sound_of_practice_begins_the_test(tmp_path):
    folder = write_set(tmp_path)
    with launch(flags=FLAGS) as page:
        page.goto((folder / "index.html").as_uri())
        steps = page.evaluate("""() => {
      const all = [];
      for (const order of ["random", "list"]) for (let rows = 2; rows <= 4; rows += 1)
        for (let practice = 1; practice <= rows; practice += 1) for (let seed = 0; seed < 60; seed += 1) {
          const list = { columns: ["catch"], rows: Array.from({ length: rows + 1 }, (_, i) => [i < rows ? "0" : "1"]) };
          const places = Babble.arrange({ order, practice }, list, seed).map(({ place }) => place);
          all.push({ rows, practice: places.slice(0, practice), test: places.slice(practice) });
        }
      return all;
    }""")
    assert len(steps) == 2 * 60 * (2 + 3 + 4)
    for one in steps:
        rows, practice, first = one["rows"], one["practice"], one["test"][0]
        assert sorted(one["test"]) == list(range(rows + 1))
        assert len(set(practice)) == len(practice)
        assert rows not in (first, *practice)
        assert first != practice[-1]
        assert len(practice) == rows or first not in practice
