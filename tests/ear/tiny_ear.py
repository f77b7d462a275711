"""The smallest ears, and parameters all of which have an effect."""

from typing import Any

import jax
import numpy as np

from babble_jax.ear.config import EarConfig
from babble_jax.ear.model import init

SMALL_EAR = EarConfig(("a", "b", "pau"), bands=4, dim=8, layers=2, recurrent=6, context=1)
NO_LOOK_AHEAD = EarConfig(
    ("a", "b"), bands=4, dim=8, layers=1, recurrent=6, direction="forward", look_ahead=0
)
THREE_FRAMES = EarConfig(
    ("a",),
    bands=4,
    dim=8,
    layers=1,
    recurrent=6,
    direction="forward",
    look_ahead=2,
    stride=3,
    frame_head=False,
)
FORWARD = EarConfig(
    ("a", "b"),
    bands=4,
    dim=8,
    layers=1,
    recurrent=6,
    recurrent_layers=2,
    direction="forward",
    look_ahead=4,
    context=1,
)


def zero_params(config: EarConfig) -> dict[str, Any]:
    """Makes the parameters of an ear as zeros, nested dicts of NumPy arrays."""
    shapes = jax.eval_shape(lambda key: init(config, key), jax.random.key(0))
    return jax.tree.map(lambda x: np.zeros(x.shape, np.float32), shapes)


def draw_params(config: EarConfig, seed: int = 0) -> dict[str, Any]:
    """Draws the parameters of an ear, each of which has an effect; the scales of bands are above 0."""
    rng = np.random.default_rng(seed)
    params = jax.tree.map(lambda x: rng.normal(0, 0.4, x.shape).astype(np.float32), zero_params(config))
    params["normalization"]["scale"] = rng.uniform(1, 2, config.bands).astype(np.float32)
    return params
