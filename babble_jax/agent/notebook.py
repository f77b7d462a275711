"""Records with the microphone of the browser that shows a notebook.

Axes: T samples.
"""

import base64
import binascii

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio.pcm import from_int16
from babble_jax.errors import BabbleError

LONGEST = 120.0
"""Seconds that are recorded at most."""
SCRIPT = """
(async () => {
  const constraints = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
  const stream = await navigator.mediaDevices.getUserMedia({audio: constraints});
  const context = new AudioContext();
  await context.resume();
  const source = context.createMediaStreamSource(stream);
  const node = context.createScriptProcessor(4096, 1, 1);
  const parts = [];
  node.onaudioprocess = (event) => parts.push(event.inputBuffer.getChannelData(0).slice());
  source.connect(node);
  node.connect(context.destination);
  const label = document.body.appendChild(document.createElement("p"));
  label.textContent = "Speak: you are recorded for SECONDS seconds.";
  await new Promise((resolve) => setTimeout(resolve, 1000 * SECONDS));
  label.textContent = "The recording is over.";
  node.disconnect();
  stream.getTracks().forEach((track) => track.stop());
  const rate = context.sampleRate;
  await context.close();
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    for (const value of part) samples[at++] = Math.max(-32768, Math.min(32767, Math.round(32768 * value)));
  }
  const bytes = new Uint8Array(samples.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return rate + " " + btoa(text);
})()
"""


@check_arguments
def record_in_browser(seconds: float = 10.0) -> tuple[np.ndarray, int]:
    """Records in Colab, by the browser's microphone: nothing else is asked of the machine that computes.

    Args:
      seconds: to record, 0.1 to 120.

    Returns:
      (audio, rate): [T] float32, and Hz; `reply(audio, sample_rate=rate)` takes them.

    Raises:
      BabbleError: this is no notebook of Colab, there is no microphone or it was denied, or an impossible length.

    Examples:
      >>> record_in_browser(3.0)  # doctest: +ELLIPSIS
      Traceback (most recent call last):
      babble_jax.errors.BabbleError: This notebook is not shown by Colab, so that its browser's microphone ...
    """
    if not 0.1 <= seconds <= LONGEST:
        raise BabbleError(f"A recording lasts 0.1 to {LONGEST:g} s, not {seconds:g} s.")
    try:
        from google.colab import output  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise BabbleError(
            "This notebook is not shown by Colab, so that its browser's microphone is out of reach; record a file and "
            "give that to reply."
        ) from None
    try:
        answer = output.eval_js(SCRIPT.replace("SECONDS", f"{seconds:g}"), timeout_sec=seconds + 60)
    except Exception as error:  # what Colab raises has no type of its own
        raise BabbleError(
            f"The browser did not record: {error}; allow the microphone and run this again."
        ) from None
    rate, _, data = str(answer).partition(" ")
    try:
        samples = np.frombuffer(base64.b64decode(data, validate=True), "<i2")
        return from_int16(samples), int(rate)
    except (binascii.Error, ValueError):
        raise BabbleError("The browser sent no recording; allow the microphone and run this again.") from None
