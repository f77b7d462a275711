"""Real speech at known times: utterances of the excerpt that ships, and where each speaks.

Axes: T samples at 16 kHz.
"""

import functools

import numpy as np

from babble_jax.audio import wave
from babble_jax.presets import registry

RATE = 16_000
# IPUs of six utterances, seconds: from the phone labels of festvox-ru, silences shorter than 0.2 s merged.
IPUS = {
    "ru_0749": [(0.038, 4.638)],
    "ru_0325": [(0.046, 1.966), (2.716, 4.726)],
    "ru_0712": [(0.060, 1.570), (1.940, 4.840)],
    "ru_0449": [(0.052, 3.532), (3.942, 5.062)],
    "ru_0793": [(0.044, 1.124), (1.324, 3.124), (3.404, 5.174)],
    "ru_0412": [(0.062, 3.532), (4.052, 5.552)],
}
_FOLDER = registry.path("speech", "festvox-ru")


@functools.cache
def read_utterance(name: str) -> np.ndarray:
    """Reads an utterance of the excerpt, [T] float32."""
    return wave.read(_FOLDER / f"{name}.ogg", RATE)[0]


def mix_channel(onsets: dict[str, float], seconds: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Mixes a channel of utterances in noise of -65 dBFS.

    Args:
      onsets: seconds at which each utterance begins, by its name.
      seconds: length of the channel.
      seed: of the noise.

    Returns:
      (audio, ipus): [T] float32; [N, 2] seconds, in order.
    """
    rng = np.random.default_rng(seed)
    audio = 10 ** (-65 / 20) * rng.standard_normal(round(seconds * RATE)).astype(np.float32)
    ipus = []
    for name, onset in onsets.items():
        speech = read_utterance(name)
        audio[round(onset * RATE) :][: len(speech)] += speech
        ipus += [(onset + start, onset + end) for start, end in IPUS[name]]
    return audio, np.array(sorted(ipus))
