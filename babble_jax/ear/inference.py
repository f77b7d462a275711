"""The network of an ear in NumPy: a recording at once, or step by step. It compiles nothing, and loads no JAX.

It computes what `ear.model.apply` computes of one recording. A step is emitted when its look-ahead is complete, so
that what `step` and `finish` give together is what `run` gives.

Axes: F mel frames, M bands, S steps, P symbols, X inputs, H units.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from babble_jax.ear.config import CLIP, EarConfig

Params = Mapping[str, Any]


class LogProbs(NamedTuple):
    """Log-probabilities of the steps of a recording.

    Attributes:
      ctc: [S, P + 1] float32 of connectionist temporal classification, the blank at 0 and symbol i at i + 1.
      frames: [S, P] float32 of the symbol that lasts through a step; None where the ear has no such head.
    """

    ctc: np.ndarray
    frames: np.ndarray | None


@dataclasses.dataclass(frozen=True)
class EarState:
    """State of a forward ear between two steps; a new one is made at each step, none is changed.

    Attributes:
      frames: [K, M] normalized mel frames of a step that is not complete.
      inputs: [K, stride x M] steps that the first layer will see again; the first `context` of a recording are zeros.
      units: [L, H] states of the recurrent layers.
      outputs: [K, H] of the last recurrent layer, which the look-ahead convolution will see again.
    """

    frames: np.ndarray
    inputs: np.ndarray
    units: np.ndarray
    outputs: np.ndarray


def initial_state(config: EarConfig) -> EarState:
    """Makes the state before the first frame of a recording.

    Raises:
      ValueError: the ear is of both directions.
    """
    if config.direction != "forward":
        raise ValueError("an ear of both directions hears recordings as a whole only")
    return EarState(
        np.zeros((0, config.bands), np.float32),
        np.zeros((config.context, config.stride * config.bands), np.float32),
        np.zeros((config.recurrent_layers, config.recurrent), np.float32),
        np.zeros((0, config.recurrent), np.float32),
    )


def run(config: EarConfig, params: Params, features: np.ndarray) -> LogProbs:
    """Computes the log-probabilities of a recording.

    Args:
      config: of the ear.
      params: as of `ear.model.init`, of NumPy arrays.
      features: [F, M] float32 dB.
    """
    steps = config.count_steps(len(features))
    frames = np.zeros((steps * config.stride, config.bands), np.float32)
    frames[: len(features)] = _normalize(params, features)
    before, after = config.context, config.context_ahead
    inputs = np.pad(frames.reshape(steps, config.stride * config.bands), ((before, after), (0, 0)))
    x = _dense_layers(config, params, inputs)
    state = np.zeros(config.recurrent, np.float32)
    for i in range(config.recurrent_layers):
        layer = params[f"recurrent_{i}"]
        outputs = [_gru(layer["forward"], x, state)]
        if "backward" in layer:
            outputs.append(_gru(layer["backward"], x[::-1], state)[::-1])
        x = np.concatenate(outputs, 1)
    return _heads(config, params, np.pad(x, ((0, config.convolution), (0, 0))))


def step(
    config: EarConfig, params: Params, state: EarState, features: np.ndarray
) -> tuple[EarState, LogProbs]:
    """Computes the log-probabilities of the steps whose look-ahead the next frames complete.

    Args:
      config: of a forward ear.
      params: as of `ear.model.init`, of NumPy arrays.
      state: before these frames.
      features: [F, M] float32 dB, any number of frames.

    Returns:
      The next state, and the log-probabilities of zero or more steps.
    """
    frames = np.concatenate([state.frames, _normalize(params, features)])
    steps = len(frames) // config.stride
    inputs = frames[: steps * config.stride].reshape(steps, config.stride * config.bands)
    state = dataclasses.replace(state, frames=frames[steps * config.stride :])
    return _advance(config, params, state, inputs)


def finish(config: EarConfig, params: Params, state: EarState) -> LogProbs:
    """Computes the log-probabilities of a recording's last steps, with silence of features beyond its end.

    Args:
      config: of a forward ear.
      params: as of `ear.model.init`, of NumPy arrays.
      state: after the last frame.
    """
    rest = len(state.frames) > 0
    inputs = np.zeros((rest + config.context_ahead, config.stride * config.bands), np.float32)
    inputs.reshape(-1)[: state.frames.size] = state.frames.reshape(-1)
    after, log_probs = _advance(config, params, state, inputs)
    if not config.convolution:
        return log_probs
    # Before the end fewer steps may have come than the convolution looks ahead.
    outputs = np.concatenate([after.outputs, np.zeros((config.convolution, config.recurrent), np.float32)])
    last = _heads(config, params, outputs)
    joined = [
        None if a is None or b is None else np.concatenate([a, b])
        for a, b in zip(log_probs, last, strict=True)
    ]
    return LogProbs(*joined)  # pyright: ignore[reportArgumentType]


def _advance(
    config: EarConfig, params: Params, state: EarState, inputs: np.ndarray
) -> tuple[EarState, LogProbs]:
    """Takes the next steps [S, stride x M] into the network, and computes those whose look-ahead they complete."""
    inputs = np.concatenate([state.inputs, inputs])
    width = config.context + 1 + config.context_ahead
    x = _dense_layers(config, params, inputs)
    units = state.units.copy()
    for i in range(config.recurrent_layers):
        x = _gru(params[f"recurrent_{i}"]["forward"], x, units[i])
        if len(x):
            units[i] = x[-1]
    x = np.concatenate([state.outputs, x])
    keep = min(len(inputs), width - 1)
    log_probs = _heads(config, params, x)
    ahead = x[max(0, len(x) - config.convolution) :] if config.convolution else x[:0]
    return EarState(state.frames, inputs[len(inputs) - keep :], units, ahead), log_probs


def _normalize(params: Params, features: np.ndarray) -> np.ndarray:
    scales = params["normalization"]
    return (features - scales["mean"]) / scales["scale"]


def _dense_layers(config: EarConfig, params: Params, inputs: np.ndarray) -> np.ndarray:
    """Computes the first layers of all steps that have their context, [S + context - 1, X] to [S, H]."""
    width = config.context + 1 + config.context_ahead
    if len(inputs) < width:
        return np.zeros((0, config.dim), np.float32)
    x = np.lib.stride_tricks.sliding_window_view(inputs, width, axis=0)
    x = x.swapaxes(1, 2).reshape(len(inputs) - width + 1, -1)
    for i in range(config.layers):
        x = _clipped(params[f"dense_{i}"], x)
    return x


def _heads(config: EarConfig, params: Params, x: np.ndarray) -> LogProbs:
    """Computes the log-probabilities of all steps that have their look-ahead, from [S + convolution, H]."""
    if config.convolution:
        kernel = params["look_ahead"]["kernel"]
        steps = max(0, len(x) - config.convolution)
        x = sum((x[i : i + steps] * kernel[i] for i in range(len(kernel))), start=np.zeros_like(x[:steps]))
    x = _clipped(params["output"], x)
    ctc = _log_softmax(_linear(params["ctc"], x))
    return LogProbs(ctc, _log_softmax(_linear(params["frames"], x)) if config.frame_head else None)


def _linear(layer: Params, x: np.ndarray) -> np.ndarray:
    return x @ layer["kernel"] + layer["bias"]


def _clipped(layer: Params, x: np.ndarray) -> np.ndarray:
    return np.clip(_linear(layer, x), 0.0, CLIP)


def _log_softmax(x: np.ndarray) -> np.ndarray:
    x = x - x.max(-1, keepdims=True, initial=-np.inf)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def _gru(layer: Params, x: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Maps x [S, X] to the states [S, H] of a GRU that starts at `state` [H]."""
    units = len(state)
    x = _linear(layer["input"], x)
    recurrent, bias = layer["recurrent"], layer["recurrent_bias"]
    states = np.empty((len(x), units), np.float32)
    for t in range(len(x)):
        product = state @ recurrent
        # a sigmoid by tanh does not overflow
        gates = 0.5 + 0.5 * np.tanh(0.5 * (x[t, : 2 * units] + product[: 2 * units]))
        candidate = np.tanh(x[t, 2 * units :] + gates[units:] * (product[2 * units :] + bias))
        state = candidate + gates[:units] * (state - candidate)
        states[t] = state
    return states
