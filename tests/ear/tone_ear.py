"""An ear of three symbols, set by hand: "a" and "b" are tones, "_" is silence."""

import numpy as np

from babble_jax.ear.config import Direction, EarConfig
from babble_jax.ear.ear import Ear
from babble_jax.ear.features import features
from tests.ear.tiny_ear import zero_params

RATE = 16_000
TONES = {"a": 500.0, "b": 2000.0, "_": 0.0}


def make_tones(symbols: str, seconds: float, rate: int = RATE) -> np.ndarray:
    """Makes audio [T] of one tone after another.

    Args:
      symbols: of `TONES`.
      seconds: duration of each.
      rate: Hz.
    """
    time = np.arange(round(seconds * rate)) / rate
    return np.concatenate([0.3 * np.sin(2 * np.pi * TONES[s] * time) for s in symbols]).astype(np.float32)


def tone_ear(direction: Direction, frame_head: bool = True) -> Ear:
    """Makes the ear: its layers pass on how much of each tone the current step has, and the step before.

    CTC reports a symbol where it begins; the blank wins wherever the step before is alike.

    Args:
      direction: of the ear.
      frame_head: whether the ear classifies steps.
    """
    config = EarConfig(
        ("a", "b", "_"),
        "_",
        bands=8,
        context=1,
        dim=6,
        layers=1,
        recurrent=6,
        direction=direction,
        look_ahead=3,
        frame_head=frame_head,
    )
    params = zero_params(config)
    params["normalization"] = {"mean": np.full(8, -10.0, np.float32), "scale": np.full(8, 10.0, np.float32)}
    a, b = (int(features(make_tones(s, 0.5), config)[10].argmax()) for s in "ab")
    # Units 0 to 2 are a, b and silence of the current step, 3 to 5 those of the step before.
    kernel = params["dense_0"]["kernel"].reshape(-1, config.stride, config.bands, 6)
    for first, step in ((0, config.context), (3, config.context - 1)):
        kernel[step, :, [a, b], first] = [[1.0], [-1.0]]
        kernel[step, :, [a, b], first + 1] = [[-1.0], [1.0]]
        kernel[step, :, [a, b], first + 2] = -1.0
        params["dense_0"]["bias"][first + 2] = -16.0
    for gru in params["recurrent_0"].values():
        gru["input"]["bias"][:6] = -20.0  # the update gate: nothing of the past stays
    params["recurrent_0"]["forward"]["input"]["kernel"][:, 12:] = np.eye(6)
    if config.convolution:
        params["look_ahead"]["kernel"][0] = 1.0
    params["output"]["kernel"][:6] = np.eye(6)
    params["ctc"]["bias"][0] = 5.0
    params["ctc"]["kernel"][:, 1:] = 20.0 * np.concatenate([np.eye(3), -np.eye(3)])
    if frame_head:
        params["frames"]["kernel"][:3] = 10.0 * np.eye(3)
    return Ear(config, params)
