"""The page of a dialogue: what it holds, and how it behaves in Chromium.

With the variable BABBLE_SHOTS the page is drawn into that folder: desktop and phone, light and dark.
"""

import json
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from babble_jax.dialogue import browse
from babble_jax.dialogue.duet import perform
from babble_jax.dialogue.plan import draw_plan, name_speakers
from babble_jax.errors import BabbleError
from tests.agent.chromium import launch
from tests.dialogue import simulated
from tests.dialogue.fake_babbler import FakeBabbler
from tests.dialogue.few_pieces import few_pieces  # noqa: F401

NAMES = ("woman", "</script><b>man")
SIZES = {"desktop": (1100, 900), "phone": (375, 740)}


def wait_until(page, expression: str, seconds: float = 20.0) -> None:
    """Waits for an expression of JavaScript; the page allows no `eval`, by which playwright would wait."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, (expression, page.inner_text("#now"), page.faults)
        page.wait_for_timeout(50)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = name_speakers(draw_plan(simulated.preset(), 45.0, 4, typical=12), NAMES)
    babblers = (FakeBabbler(), FakeBabbler(pitch=180.0))
    return perform(plan, babblers, 4, tmp_path_factory.mktemp("page") / "out", browse=True).folder


def test_flac_holds_the_samples_of_the_wav(tmp_path: Path):
    samples = np.random.default_rng(0).integers(-(2**15), 2**15, (800, 2)).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", samples, 8000)
    (tmp_path / "a.flac").write_bytes(browse.encode_flac(tmp_path / "a.wav"))
    content, rate = soundfile.read(tmp_path / "a.flac", dtype="int16")
    assert rate == 8000
    assert np.array_equal(content, samples)


def test_a_dialogue_too_long_for_a_page_is_refused():
    browse.check_length(1800.0)
    with pytest.raises(BabbleError, match=r"at most 30 minutes, not 33\.3"):
        browse.check_length(2000.0)


@pytest.mark.slow
def test_names_cannot_break_the_page(folder: Path):
    page = (folder / "index.html").read_text("utf-8")
    assert "<b>" not in page
    data = re.search(r'type="application/json">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    values = json.loads(data.group(1))
    assert values["speakers"] == list(NAMES)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert len(values["ipus"]) == len(manifest["ipus"])


@pytest.mark.slow
def test_the_page_plays_seeks_and_loads_nothing(folder: Path):
    with launch(flags=(), viewport={"width": 1100, "height": 900}) as page:
        loaded = []
        page.on("request", lambda request: loaded.append(request.url.split(":")[0]))
        page.goto((folder / "index.html").as_uri())
        page.wait_for_selector("body[data-ready]")
        wait_until(page, "sound.readyState >= 1")
        assert page.evaluate("sound.duration") == pytest.approx(45.0, abs=0.01)
        assert page.locator("#timeline .row").count() == 3

        assert page.locator(".cursor:visible").count() == 1
        strip = page.locator(".strip svg").nth(1)
        box = strip.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
        wait_until(page, "Math.abs(sound.currentTime - 30) < 0.1")
        assert page.inner_text("#now").startswith("30.")

        page.focus("#timeline")
        for key, time in (("Home", 0), ("PageDown", 10), ("ArrowRight", 11), ("ArrowLeft", 10), ("End", 45)):
            page.keyboard.press(key)
            wait_until(page, f"Math.abs(sound.currentTime - {time}) < 0.06")
        page.keyboard.press("Home")
        page.keyboard.press(" ")
        wait_until(page, "sound.currentTime > 0.4")
        left = page.evaluate("parseFloat(document.querySelector('.cursor:not([hidden])').style.left)")
        assert 0 < left < 100 * 10 / 20
        page.keyboard.press(" ")
        wait_until(page, "sound.paused")
        assert page.get_attribute("#timeline", "aria-valuetext") == page.inner_text("#now")

        for name, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            rows = {"desktop": 3, "phone": 5}[name]
            wait_until(page, f"document.querySelectorAll('#timeline .row').length === {rows}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                if "BABBLE_SHOTS" in os.environ:
                    page.wait_for_timeout(150)
                    shot = Path(os.environ["BABBLE_SHOTS"]) / f"dialogue-{name}-{scheme}.png"
                    page.screenshot(path=shot, full_page=True)
        assert page.faults == []
        assert set(loaded) <= {"file", "data"}
        assert loaded.count("file") == 1
