"""The network of Tacotron 2 in NumPy, of one utterance: the encoder at once, the decoder step by step.

It computes what `models.tacotron2` computes, but for rounding. A step has one shape whatever is asked of a stream, so
that its result is the same to the bit however the steps are called.

Axes: N phones, M mel bands, E numbers of a phone's encoding, A units of the attention's comparison, H units of a
recurrent layer, r frames of a step.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from babble_jax.tacotron.config import SynthesisConfig, Tacotron2Config
from babble_jax.tacotron.inputs import PhoneInputs

Params = Mapping[str, Any]


class Memory(NamedTuple):
    """What the attention needs of an utterance.

    Attributes:
      encoding: [N, E].
      keys: [N, A], what queries are compared with.
    """

    encoding: np.ndarray
    keys: np.ndarray


class DecoderState(NamedTuple):
    """State of a decoder between two steps; none of its arrays is ever changed.

    Attributes:
      frame: [M], the last frame, normalized log mel.
      rnn: [2H] of the recurrent layer that asks the attention.
      context: [E].
      weights: [N] of the last step.
      total: [N], sum of the weights of all steps before.
      layers: [2H] of each further recurrent layer.
    """

    frame: np.ndarray
    rnn: np.ndarray
    context: np.ndarray
    weights: np.ndarray
    total: np.ndarray
    layers: tuple[np.ndarray, ...]


class StepOutput(NamedTuple):
    """Outputs of a step.

    Attributes:
      frames: [r, M] normalized log mel.
      stop: logit of the end being reached with the step.
      attention: [N] weights.
    """

    frames: np.ndarray
    stop: float
    attention: np.ndarray


class _Cell(NamedTuple):
    """An LSTM cell: kernel of its inputs and its output together, [X + H, 4H], and bias [4H]."""

    kernel: np.ndarray
    bias: np.ndarray


class StreamingNetwork:
    """Pure functions of a Tacotron 2.

    Args:
      config: of the model, which is a Tacotron 2.
      params: its parameters.
    """

    def __init__(self, config: SynthesisConfig, params: Params):
        assert isinstance(config.model, Tacotron2Config)
        self.config, self._model, self._params = config, config.model, params
        decoder = params["decoder"]
        self._prenet = [
            (decoder["prenet"][f"layer_{n}"]["kernel"], decoder["prenet"][f"layer_{n}"]["bias"])
            for n in range(len(self._model.decoder.prenet))
        ]
        joined = [decoder[name]["kernel"] for name in ("input", "context", "recurrent")]
        self._asking = _Cell(np.concatenate(joined), decoder["bias"])
        rnns = [decoder[f"rnns_{n}"] for n in range(self._model.decoder.layers)]
        self._rnns = [
            _Cell(np.concatenate([rnn["input"]["kernel"], rnn["recurrent"]["kernel"]]), rnn["bias"])
            for rnn in rnns
        ]
        attention = decoder["attention"]
        self._query, self._scores = attention["queries"]["kernel"], attention["scores"]["kernel"][:, 0]
        self._location = None
        if self._model.decoder.location_filters:
            self._location = attention["convolution"]["kernel"] @ attention["location"]["kernel"]
        heads = decoder["frames"], decoder["stop"]
        self._read = np.concatenate([head["kernel"] for head in heads], axis=1)
        self._read_bias = np.concatenate([head["bias"] for head in heads])

    def encode(self, inputs: PhoneInputs) -> Memory:
        """Encodes one utterance, B = 1; the padding is left out."""
        count = int(inputs.lengths[0])
        x = self._params["embedding"]["embedding"][np.asarray(inputs.phones)[0, :count]]
        width = self._model.encoder_width
        before = (width - 1) // 2
        for n in range(self._model.encoder_layers):
            line = np.pad(x, ((before, width - 1 - before), (0, 0)))
            x = np.maximum(convolve(self._params[f"convolutions_{n}"], line, width), 0.0)
        rnn = self._params["encoder_rnn"]
        forward = self._run(rnn["forward"], x)
        x = np.concatenate([forward, self._run(rnn["backward"], x[::-1])[::-1]], axis=1)
        x = self._condition(x, inputs, count)
        keys = self._params["decoder"]["attention"]["keys"]
        return Memory(x, x @ keys["kernel"] + keys["bias"])

    def initial_state(self, memory: Memory) -> DecoderState:
        """Makes the state before the first step: silence of zeros, and attention to nothing."""
        phones, size = memory.encoding.shape
        decoder = self._model.decoder
        none = np.zeros(phones, np.float32)
        return DecoderState(
            np.zeros(self.config.mel.bands, np.float32),
            np.zeros(2 * decoder.attention_rnn, np.float32),
            np.zeros(size, np.float32),
            none,
            none,
            (np.zeros(2 * decoder.rnn, np.float32),) * decoder.layers,
        )

    def step(
        self, memory: Memory, state: DecoderState, left_out: tuple[np.ndarray, ...]
    ) -> tuple[DecoderState, StepOutput]:
        """Makes one step, with its own last frame.

        Args:
          memory: of the utterance.
          state: before the step.
          left_out: for each layer of the prenet, [units] bool, those that are left out.

        Returns:
          The state after the step, and its outputs.
        """
        x = state.frame
        for (kernel, bias), mask in zip(self._prenet, left_out, strict=True):
            x = np.where(mask, np.float32(0), 2 * np.maximum(x @ kernel + bias, 0))
        rnn = self._update(self._asking, np.concatenate([x, state.context]), state.rnn)
        y = rnn[: self._model.decoder.attention_rnn]
        compared = memory.keys + y @ self._query
        if self._location is not None:
            compared = (
                compared + _windows(state.weights, state.total, len(self._location) // 2) @ self._location
            )
        energies = np.tanh(compared) @ self._scores
        weights = np.exp(energies - energies.max())
        weights /= weights.sum()
        context = weights @ memory.encoding
        y = np.concatenate([y, context])
        layers = []
        for cell, before in zip(self._rnns, state.layers, strict=True):
            layers.append(self._update(cell, y, before))
            y = layers[-1][: self._model.decoder.rnn]
        read = np.concatenate([y, context]) @ self._read + self._read_bias
        frames = read[:-1].reshape(-1, self.config.mel.bands)
        after = DecoderState(frames[-1], rnn, context, weights, state.total + weights, tuple(layers))
        return after, StepOutput(frames, float(read[-1]), weights)

    def _update(self, cell: _Cell, x: np.ndarray, state: np.ndarray) -> np.ndarray:
        """Computes the next state [2H] of an LSTM from inputs [X], with the mean over all masks of zoneout."""
        half = len(state) // 2
        gates = np.concatenate([x, state[:half]]) @ cell.kernel + cell.bias
        return self._zone_out(state, _lstm(gates, state[half:]))

    def _zone_out(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        rate = np.float32(self._model.decoder.zoneout)
        return after + rate * (before - after) if rate else after

    def _run(self, layer: Params, x: np.ndarray) -> np.ndarray:
        """Maps x [N, X] to the outputs [N, H] of a recurrent layer of the encoder."""
        inputs, kernel = x @ layer["input"]["kernel"] + layer["bias"], layer["recurrent"]["kernel"]
        half = len(kernel)
        state, outputs = np.zeros(2 * half, np.float32), np.empty((len(x), half), np.float32)
        for n, row in enumerate(inputs):
            state = self._zone_out(state, _lstm(row + state[:half] @ kernel, state[half:]))
            outputs[n] = state[:half]
        return outputs

    def _condition(self, x: np.ndarray, inputs: PhoneInputs, count: int) -> np.ndarray:
        """Adds prosody, speaker and language to an encoding [N, E]."""
        if inputs.prosody is not None:
            x = x + np.asarray(inputs.prosody)[0, :count] @ self._params["conditioning"]["prosody"]["kernel"]
        for name, numbers in (("speaker", inputs.speaker), ("language", inputs.language)):
            if numbers is not None:
                x = x + self._params["conditioning"][name][int(numbers[0])]
        return x


def convolve(layer: Params, line: np.ndarray, width: int) -> np.ndarray:
    """Convolves and, where the layer does so, normalizes each position (`layers.convolution`).

    Args:
      layer: parameters.
      line: [N + width - 1, C], with what stands around the N positions.
      width: positions that a filter spans.

    Returns:
      [N, features], before the activation.
    """
    count = len(line) - width + 1
    rows = np.concatenate([line[i : i + count] for i in range(width)], axis=1)
    y = rows @ layer["convolution"]["kernel"] + layer["convolution"]["bias"]
    if "norm" not in layer:
        return y
    y = y - y.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.square(y).mean(axis=1, keepdims=True) + np.float32(1e-5))
    return y / deviation * layer["norm"]["scale"] + layer["norm"]["bias"]


def _lstm(gates: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Computes the next state [2H] from the sums of the gates [4H] and the cell [H]."""
    half = len(c)
    i, f, o = (0.5 + 0.5 * np.tanh(0.5 * gates[: 3 * half])).reshape(
        3, half
    )  # a sigmoid that does not overflow
    c = f * c + i * np.tanh(gates[3 * half :])
    return np.concatenate([o * np.tanh(c), c])


def _windows(weights: np.ndarray, total: np.ndarray, width: int) -> np.ndarray:
    """Collects the neighbours of each phone in two rows of weights: [N, 2 width]."""
    before = (width - 1) // 2
    line = np.zeros((len(weights) + width - 1, 2), np.float32)
    line[before : before + len(weights), 0] = weights
    line[before : before + len(weights), 1] = total
    rows = np.lib.stride_tricks.sliding_window_view(line, width, axis=0)  # [N, 2, width]
    return rows.swapaxes(1, 2).reshape(len(weights), -1)
