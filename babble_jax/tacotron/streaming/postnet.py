"""The post-net of Tacotron 2 in NumPy, over frames that come a few at a time.

A layer sees some frames to both sides, and all layers together so many before they give the first one: the delay. What
they have seen, and will see again, is in the state.

Axes: k frames that are pushed, M mel bands, C channels, W width of a layer.
"""

from typing import NamedTuple

import numpy as np

from babble_jax.tacotron.config import SynthesisConfig, Tacotron2Config
from babble_jax.tacotron.streaming.network import Params, convolve


class PostnetState(NamedTuple):
    """State of a post-net between two pushes.

    Attributes:
      pushed: frames so far.
      inputs: [W - 1, C] of each layer, its last inputs.
      frames: [delay, M], the last frames, to which corrections are to be added.
    """

    pushed: int
    inputs: tuple[np.ndarray, ...]
    frames: np.ndarray


class StreamingPostnet:
    """Pure functions of a post-net.

    Args:
      config: of the model, which is a Tacotron 2.
      params: its parameters.

    Attributes:
      delay: frames that must be pushed before the first one comes out, beside itself.
    """

    def __init__(self, config: SynthesisConfig, params: Params):
        model = config.model
        assert isinstance(model, Tacotron2Config)
        self._width, self._bands = model.postnet_width, config.mel.bands
        self._layers = [params[f"postnet_{n}"] for n in range(model.postnet_layers)]
        self._ahead = model.postnet_width // 2
        self.delay = self._ahead * model.postnet_layers

    def initial_state(self) -> PostnetState:
        """Makes the state before the first frame; what stands before it counts as zeros."""
        rows = self._width - 1
        inputs = [
            np.zeros((rows, len(layer["convolution"]["kernel"]) // self._width), np.float32)
            for layer in self._layers
        ]
        return PostnetState(0, tuple(inputs), np.zeros((self.delay, self._bands), np.float32))

    def push(
        self, state: PostnetState, frames: np.ndarray, length: int | None = None
    ) -> tuple[PostnetState, np.ndarray]:
        """Pushes frames, and gives as many that are `delay` earlier.

        Args:
          state: before.
          frames: [k, M] normalized log mel; zeros beyond the end.
          length: of the utterance in frames, once it is known: what lies beyond counts as zeros in every layer.

        Returns:
          The state after, and frames [k, M] from `pushed` - `delay` on; those before the first one, or beyond the end,
          mean nothing.
        """
        x, inputs = frames, []
        position = state.pushed + np.arange(len(frames))
        for number, (layer, before) in enumerate(zip(self._layers, state.inputs, strict=True)):
            line = np.concatenate([before, x])
            inputs.append(line[len(x) :])
            x = convolve(layer, line, self._width)
            position = position - self._ahead
            if number < len(self._layers) - 1:
                there = (position >= 0) & (True if length is None else position < length)
                x = np.where(there[:, None], np.tanh(x), np.float32(0))
        line = np.concatenate([state.frames, frames])
        after = PostnetState(state.pushed + len(frames), tuple(inputs), line[len(frames) :])
        return after, line[: len(frames)] + x
