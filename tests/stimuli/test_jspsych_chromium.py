"""The timeline of an experiment for jsPsych in Chromium: keys pressed, its CSV read back."""

import shutil
import subprocess
import tarfile

import pandas
import pytest

from babble_jax.stimuli.experiment_page import write_jspsych
from tests.agent.chromium import launch, shoot
from tests.stimuli.experiment_browser import FLAGS, serve, wait_for
from tests.stimuli.experiment_folder import DURATION_MS, QUESTION, TURN_ONSET_MS, write_stimuli

pytestmark = pytest.mark.slow
JSPSYCH = {
    "jspsych": "jspsych.js",
    "@jspsych/plugin-preload": "plugin-preload.js",
    "@jspsych/plugin-html-keyboard-response": "plugin-html-keyboard-response.js",
    "@jspsych/plugin-audio-keyboard-response": "plugin-audio-keyboard-response.js",
}


@pytest.fixture(scope="module")
def jspsych(tmp_path_factory):
    """Fetches jsPsych and its plugins from npm: a folder as `jspsych.html` looks for it."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder, scratch = tmp_path_factory.mktemp("jspsych"), tmp_path_factory.mktemp("npm")
    for package, script in JSPSYCH.items():
        command = ["npm", "pack", "--silent", f"{package}@{8 if package == 'jspsych' else 2}"]
        try:
            done = subprocess.run(
                command, cwd=scratch, capture_output=True, text=True, timeout=90, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"npm cannot fetch {package}: {error}")
        with tarfile.open(scratch / done.stdout.split()[-1]) as archive:
            names = {"package/dist/index.browser.min.js": script, "package/css/jspsych.css": "jspsych.css"}
            for name in names.keys() & set(archive.getnames()):
                content = archive.extractfile(name)
                assert content is not None
                (folder / names[name]).write_bytes(content.read())
    return folder


def test_the_timeline_for_jspsych(tmp_path, jspsych):
    write_jspsych(tmp_path, write_stimuli(tmp_path), QUESTION, seed=3)
    shutil.copytree(jspsych, tmp_path / "jspsych")
    with serve(tmp_path) as address, launch(flags=FLAGS) as page:
        page.goto(f"{address}/jspsych.html?participant=P02")
        heading = "document.querySelector('#jspsych-content')?.innerText ?? ''"
        for words in ("which keys you press", "headphones", "Judge the second"):
            wait_for(page, f"({heading}).includes({words!r})")
            if words == "Judge the second":
                shoot(page, "14-jspsych")
            page.keyboard.press("Space")
        pressed = 0
        with page.expect_download() as download:
            for key in ("j", "f", "Space", "f", "j"):
                wait_for(page, f"({heading}).includes('When did')")
                page.keyboard.press("j")  # while the sound plays: no answer
                before = page.evaluate("jsPsych.data.get().filter({ part: 'trial' }).count()")
                assert before == pressed
                page.wait_for_timeout(DURATION_MS + 300)
                page.keyboard.press(key)
                pressed += 1
                wait_for(page, f"jsPsych.data.get().filter({{ part: 'trial' }}).count() === {pressed}")
                if pressed in (1, 3):
                    words = "of the experiment follow" if pressed == 1 else "2 of 4"
                    wait_for(page, f"({heading}).includes('{words}')")
                    page.keyboard.press("Space")
            wait_for(page, f"({heading}).includes('reward')")
            page.keyboard.press("Space")
        rows = pandas.read_csv(download.value.path())
        assert page.faults == []
    assert list(rows["answer"]) == ["too late", "too early", "just right", "too early", "too late"]
    assert list(rows["phase"]) == ["practice", *["test"] * 4]
    assert sorted(rows["position"][1:]) == [1, 2, 3, 4]
    assert set(rows["list"]) == {2}
    assert min(rows["rt"]) > DURATION_MS
    assert list(rows["rt_from_end_ms"]) == list(rows["rt"] - DURATION_MS)
    assert list(rows["rt_from_turn_ms"]) == list(rows["rt"] - TURN_ONSET_MS)
