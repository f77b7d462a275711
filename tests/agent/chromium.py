"""Chromium without a window, whose microphone plays real speech, and a tap on what a page hears and plays.

The tests of the page are skipped where Chromium or playwright is missing (`apt-get install chromium`,
`pip install playwright`; playwright's own browsers are not used).
"""

import base64
import contextlib
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.presets import registry

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FAKE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
SIZES = {"desktop": (1100, 900), "phone": (375, 740)}
PLAIN = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-gpu")
TAP = """
registerProcessor("tap", class extends AudioWorkletProcessor {
  process(inputs) {
    const one = (i) => (inputs[i] && inputs[i][0] ? inputs[i][0].slice() : new Float32Array(128));
    this.port.postMessage([currentFrame, one(0), one(1)]);
    return true;
  }
});
"""
HOOK = """
const add = AudioWorklet.prototype.addModule;
AudioWorklet.prototype.addModule = async function (url) {
  await add.call(this, URL.createObjectURL(new Blob([TAP], { type: "text/javascript" })));
  return add.call(this, url);
};
window.tapped = [];
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  const { context } = this;
  const microphone = this instanceof MediaStreamAudioSourceNode;
  if (microphone || target === context.destination) {
    if (!context.tap) {
      context.tap = new AudioWorkletNode(context, "tap", { numberOfInputs: 2, numberOfOutputs: 0 });
      window.tapped = [];
      window.tapRate = context.sampleRate;
      context.tap.port.onmessage = ({ data }) => window.tapped.push(data);
    }
    connect.call(this, context.tap, 0, microphone ? 0 : 1);
  }
  return connect.call(this, target, ...rest);
};
window.takeTap = () => {
  const parts = window.tapped;
  const first = parts[0][0];
  const frames = parts[parts.length - 1][0] - first + 128;
  const sides = [1, 2].map((side) => {
    const line = new Float32Array(frames);
    parts.forEach((part) => line.set(part[side], part[0] - first));
    const bytes = new Uint8Array(line.buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  });
  const gaps = parts.filter((part, i) => i && part[0] - parts[i - 1][0] !== 128).length;
  return { rate: window.tapRate, gaps, sides };
};
"""


def require_chromium() -> Any:
    """Returns playwright's synchronous interface, or skips the test."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@contextlib.contextmanager
def launch(microphone: Path | None = None, flags: Sequence[str] = FAKE, **options: Any) -> Iterator[Any]:
    """Opens a browser and gives a new page of it.

    Args:
      microphone: wav of 48 kHz that the microphone plays once; Chromium's beeps where None.
      flags: of the command line.
      **options: of the browser's context: viewport, colour scheme, permissions.
    """
    playwright = require_chromium()
    arguments = [*PLAIN, *flags]
    if microphone is not None:
        arguments.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            page = browser.new_context(**options).new_page()
            page.faults = []
            page.on("pageerror", lambda error: page.faults.append(str(error)))
            page.on(
                "console",
                lambda message: page.faults.append(message.text) if message.type == "error" else None,
            )
            yield page
        finally:
            browser.close()


def tap(page: Any) -> None:
    """Records what the page's audio context hears and plays, from the next context on; needs `bypass_csp`."""
    page.add_init_script(f"const TAP = {json.dumps(TAP)};\n{HOOK}")


def take_tap(page: Any) -> tuple[int, int, np.ndarray, np.ndarray]:
    """Returns the rate in Hz, the number of gaps, and what was heard and played, [T] each."""
    values = page.evaluate("takeTap()")
    microphone, played = (np.frombuffer(base64.b64decode(text), "<f4") for text in values["sides"])
    return values["rate"], values["gaps"], microphone, played


def write_microphone(path: Path, seconds: float, seed: int = 0) -> Path:
    """Writes real speech with pauses between the sentences, 48 kHz."""
    folder = registry.folder("speech") / "festvox-ru"
    rng = np.random.default_rng(seed)
    rate, parts, total = 48_000, [np.zeros(48_000, np.float32)], 48_000
    names = sorted(folder.glob("*.ogg"))
    number = 0
    while total < seconds * rate:
        speech, _ = wave.read(names[number % len(names)], rate)
        silence = np.zeros(int(rng.uniform(0.6, 2.5) * rate), np.float32)
        parts += [speech[: 4 * rate], silence]
        total += len(parts[-2]) + len(silence)
        number += 1
    sound = np.concatenate(parts)[: int(seconds * rate)]
    wave.write(path, sound, rate)
    return path


class Proxy:
    """Passes TCP connections on to a port, until it is told to break them.

    Args:
      target: port on this machine.
    """

    def __init__(self, target: int):
        self.broken, self._target, self._links = False, target, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.broken:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._links += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_copy, args=(source, target), daemon=True).start()

    def cut(self) -> None:
        """Breaks all connections and refuses new ones."""
        self.broken = True
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        self._links.clear()

    def mend(self) -> None:
        """Lets new connections through."""
        self.broken = False

    def close(self) -> None:
        """Ends it."""
        self.cut()
        self._listener.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for link in (source, target):
        with contextlib.suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)
    source.close()


def wait_for(page: Any, expression: str, seconds: float = 20.0) -> None:
    """Waits until an expression of JavaScript is true."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, (expression, page.inner_text("#status"), page.faults)
        page.wait_for_timeout(50)


def wait_for_state(page: Any, state: str, seconds: float = 20.0) -> None:
    """Waits until the page is in a state."""
    end = time.monotonic() + seconds
    while (now := page.evaluate("document.body.dataset.state")) != state:
        assert time.monotonic() < end, (
            now,
            page.inner_text("#status"),
            page.inner_text("#help"),
            page.faults,
        )
        page.wait_for_timeout(50)


def shoot(page: Any, name: str) -> None:
    """Draws the page in each form into the folder in the variable BABBLE_SHOTS, if there is one."""
    if "BABBLE_SHOTS" not in os.environ:
        return
    folder = Path(os.environ["BABBLE_SHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(150)
            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
