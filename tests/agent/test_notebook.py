import base64
import sys
import types
from typing import Any

import numpy as np
import pytest

from babble_jax import record_in_browser
from babble_jax.agent.notebook import SCRIPT
from babble_jax.errors import BabbleError
from tests.agent.chromium import launch, require_chromium
from tests.agent.serving import serve


def colab(monkeypatch, eval_js):
    module: Any = types.ModuleType("google.colab")
    module.output = types.SimpleNamespace(eval_js=eval_js)
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", module)


def test_a_recording_is_decoded(monkeypatch):
    samples = np.arange(-100, 100, dtype="<i2")
    scripts = []

    def eval_js(script, timeout_sec):
        scripts.append((script, timeout_sec))
        return f"48000 {base64.b64encode(samples.tobytes()).decode()}"

    colab(monkeypatch, eval_js)
    audio, rate = record_in_browser(2.5)
    np.testing.assert_allclose(audio * 2**15, samples)
    assert rate == 48_000
    assert "1000 * 2.5" in scripts[0][0]
    assert scripts[0][1] > 2.5


@pytest.mark.parametrize("answer", ["", "48000 ?", "x AAAA", None])
def test_what_is_no_recording_is_refused(monkeypatch, answer):
    colab(monkeypatch, lambda script, timeout_sec: answer)
    with pytest.raises(BabbleError, match="allow the microphone"):
        record_in_browser(1.0)


def test_other_notebooks_denied_microphones_and_lengths_are_refused(monkeypatch):
    with pytest.raises(BabbleError, match="not shown by Colab"):
        record_in_browser(1.0)
    with pytest.raises(BabbleError, match=r"0.1 to 120 s"):
        record_in_browser(float("nan"))

    def deny(script, timeout_sec):
        raise RuntimeError("NotAllowedError: Permission denied")

    colab(monkeypatch, deny)
    with pytest.raises(BabbleError, match="Permission denied; allow"):
        record_in_browser(1.0)


@pytest.mark.slow
def test_a_browser_records(monkeypatch):
    require_chromium()
    with serve() as served, launch() as page:
        page.goto(f"http://127.0.0.1:{served.port}/")
        colab(monkeypatch, lambda script, timeout_sec: page.evaluate(script))
        audio, rate = record_in_browser(1.0)
    assert rate in (44_100, 48_000)
    assert len(audio) == pytest.approx(rate, rel=0.4)
    assert np.abs(audio).max() > 0.01  # Chromium's microphone beeps
    assert "SECONDS" in SCRIPT
