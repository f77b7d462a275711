"""A board of ten runs in Chromium, as somebody who sees it reads it: desktop and phone, light and dark.

With the variable BABBLE_SHOTS each form is drawn into that folder.
"""

import contextlib
import os
import threading
from pathlib import Path

import pytest

from babble_jax.launch.board.board_page import write_board
from babble_jax.launch.board.board_runs import find_board_runs
from babble_jax.launch.board.content import collect_content
from babble_jax.launch.board.serve import BoardServer
from tests.agent.chromium import launch
from tests.launch.board.many_runs import write_sweep, write_two_quantizers

pytestmark = pytest.mark.slow
SIZES = {"desktop": (1280, 900), "phone": (390, 800)}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    write_sweep(folder)
    return folder


@pytest.fixture(scope="module")
def board(root):
    path = root / "board.html"
    write_board(path, collect_content(find_board_runs([root])))
    return path


@contextlib.contextmanager
def opened(address, **browser):
    """Opens a board; what it asks of the network, and its errors, are noted on the page."""
    with launch(flags=(), **browser) as page:
        page.errors, page.requests = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        yield page


def test_ten_runs_take_little_room(board):
    assert board.stat().st_size < 15e6


def test_it_shows_all_and_asks_nobody(board):
    with opened(board.as_uri()) as page:
        assert "10 runs" in page.inner_text("h1")
        assert page.inner_text("#lead").startswith("9 done, 1 failed")
        rows = page.locator("#compare tbody tr")
        assert rows.count() == 2
        assert "4 seeds" in rows.nth(1).inner_text()
        assert page.locator("#runs tbody tr").count() == 10
        assert page.locator("#curves .chart .band").count() >= 2 * 4
        assert "optimizer.learning_rate" in page.inner_text("#values")
        page.locator("#listen .sound").first.scroll_into_view_if_needed()
        page.wait_for_selector("#listen .sound[data-drawn]")
        assert page.locator("#histograms .bars").count() == 4 * 2
        assert page.locator("#tables table").count() == 9
        outside = [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))]
        assert (page.errors, outside) == ([], [])


def test_bits_of_different_quantizers_are_marked(tmp_path):
    write_two_quantizers(tmp_path)
    write_board(tmp_path / "board.html", collect_content(find_board_runs([tmp_path])))
    with opened((tmp_path / "board.html").as_uri()) as page:
        assert page.inner_text("#lead") == "2 done; 2 groups; the runs of a group differ in their seed alone."
        assert page.inner_text("#compare-note") == (
            "validation/bits of different quantizers cannot be compared, and these runs have linear 256 and mu_law 256."
        )
        page.select_option("#metric", "train/learning_rate")
        assert page.inner_text("#compare-note") == ""


def test_what_is_chosen_is_drawn(board):
    with opened(board.as_uri()) as page:
        page.select_option("#metric", "validation/accuracy")
        assert page.input_value("#direction") == "highest"
        best = page.inner_text("#compare tbody tr:first-child th")
        means = [float(text) for text in page.locator("#compare tbody td:nth-child(2)").all_inner_texts()]
        assert means == sorted(means, reverse=True)
        bands = page.locator("#curves .band").count()
        page.click("#legend button:first-child")
        assert page.locator("#curves .band").count() == bands // 2
        page.check("#each")
        assert page.locator("#curves .band").count() == 0
        page.click("#histograms-section >> text=Show 5 more")
        assert page.locator("#histograms .bars").count() == 9 * 2
        page.click("#listen-section >> text=Show 5 more")
        assert page.locator("#listen .voice").count() == 9
        assert best
        button = page.locator("#listen .sound button").first
        button.click()
        page.locator("#listen .sound button[aria-label^=Stop]").wait_for()
        assert page.errors == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen(board, size, scheme):
    width, height = SIZES[size]
    with opened(board.as_uri()) as page:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if "BABBLE_SHOTS" in os.environ:
            for top in range(0, page.evaluate("document.body.scrollHeight"), height):
                page.evaluate(f"scrollTo(0, {top})")
                page.wait_for_timeout(100)
            Path(os.environ["BABBLE_SHOTS"]).mkdir(parents=True, exist_ok=True)
            page.screenshot(
                path=Path(os.environ["BABBLE_SHOTS"]) / f"board-{size}-{scheme}.png", full_page=True
            )


def test_a_board_that_is_served_shows_what_is_new(tmp_path):
    runs = write_sweep(tmp_path, rates=(1e-3,), seeds=range(2), steps=20, evaluations=1, seconds=0.2)
    with BoardServer([tmp_path], "", False, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with opened(server.address) as page:
            assert "done" in page.inner_text("#lead")
            assert page.locator("#runs tbody tr").count() == 2
            runs[0].write_state(state="stopped")
            page.locator("#lead", has_text="stopped").wait_for(timeout=30_000)
            assert page.errors == []
            assert all(url.startswith((server.address, "data:", "blob:")) for url in page.requests)
        server.shutdown()
        thread.join()
