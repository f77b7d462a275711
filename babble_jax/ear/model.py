"""The network of an ear, as pure functions over nested dicts of parameters.

As Deep Speech has it (arXiv 1412.5567, section 2): layers of clipped rectified linear units, min(max(x, 0), 20), the
first of which sees a context of frames; a recurrent layer; another layer of these units. Differs: the recurrent layer
is a GRU, the outputs of both directions stand side by side instead of being added, and a second head classifies each
step. A forward ear has a look-ahead convolution after its recurrent layers (arXiv 1512.02595, section 3.3).

Axes: B recordings, F mel frames, M bands, S steps, P symbols, X inputs, H units.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.ear.config import CLIP, EarConfig
from babble_jax.recurrence import gru_after, product

Params = dict[str, Any]
_DROPPED_STEPS = 10


class EarLogits(NamedTuple):
    """Logits of an ear.

    Attributes:
      ctc: [B, S, P + 1] float32, the blank at 0 and symbol i at i + 1.
      frames: [B, S, P] float32, symbol i at i; None where the ear has no such head.
    """

    ctc: jax.Array
    frames: jax.Array | None


def init(config: EarConfig, key: jax.Array) -> Params:
    """Draws the parameters of an ear.

    `normalization` holds the mean and the scale of each band, which no gradient changes: set them from the training
    data by `normalization`.

    Args:
      config: of the ear.
      key: PRNG key, consumed.
    """
    keys = iter(jax.random.split(key, 8 + config.layers + 4 * config.recurrent_layers))

    def dense(inputs: int, units: int) -> Params:
        kernel = jax.nn.initializers.he_uniform()(next(keys), (inputs, units), jnp.float32)
        return {"kernel": kernel, "bias": jnp.zeros(units)}

    def gru(inputs: int) -> Params:
        lecun, square = jax.nn.initializers.lecun_uniform(), jax.nn.initializers.orthogonal()
        blocks = jax.random.split(next(keys), 6)
        return {
            "input": {
                "kernel": jnp.concatenate([lecun(k, (inputs, config.recurrent)) for k in blocks[:3]], 1),
                "bias": jnp.zeros(3 * config.recurrent),
            },
            "recurrent": jnp.concatenate([square(k, (config.recurrent,) * 2) for k in blocks[3:]], 1),
            "recurrent_bias": jnp.zeros(config.recurrent),
        }

    directions = ("forward", "backward") if config.direction == "both" else ("forward",)
    width = (config.context + 1 + config.context_ahead) * config.stride * config.bands
    params: Params = {"normalization": {"mean": jnp.zeros(config.bands), "scale": jnp.ones(config.bands)}}
    for i in range(config.layers):
        params[f"dense_{i}"] = dense(width, config.dim)
        width = config.dim
    for i in range(config.recurrent_layers):
        params[f"recurrent_{i}"] = {direction: gru(width) for direction in directions}
        width = len(directions) * config.recurrent
    if config.convolution:
        # it begins as no convolution: all weight on the current step
        kernel = jnp.zeros((config.convolution + 1, width)).at[0].set(1.0)
        params["look_ahead"] = {"kernel": kernel}
    params["output"] = dense(width, config.dim)
    params["ctc"] = dense(config.dim, len(config.symbols) + 1)
    if config.frame_head:
        params["frames"] = dense(config.dim, len(config.symbols))
    return params


def normalization(recordings: list[np.ndarray]) -> Params:
    """Computes the mean and the scale (standard deviation, at least 1 dB) of each band over recordings.

    Args:
      recordings: of [F, M] float32 dB.

    Returns:
      `mean` and `scale`, [M] float32: the parameters of that name.
    """
    frames = np.concatenate(recordings).astype(np.float64)
    mean, scale = frames.mean(0), np.maximum(frames.std(0), 1.0)
    return {"mean": mean.astype(np.float32), "scale": scale.astype(np.float32)}


def apply(
    config: EarConfig,
    params: Params,
    features: jax.Array,
    lengths: jax.Array,
    dropout: float = 0.0,
    key: jax.Array | None = None,
) -> EarLogits:
    """Computes the logits of recordings; nothing within a recording's length depends on what is after it.

    Args:
      config: of the ear.
      params: of `init`.
      features: [B, F, M] float32 dB (`ear.features.features`), of any value after the end of a recording.
      lengths: [B] int32 mel frames of each recording; it has `config.count_steps` of that in steps.
      dropout: share of the units that are set to 0 in training, of each layer of rectified linear units and of what
        goes from one recurrent layer to the next.
      key: PRNG key, consumed; needed with `dropout`.

    Returns:
      Logits of S = count_steps(F) steps; those after a recording's end mean nothing.
    """
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout is {dropout}; it must be from 0 to below 1")
    if dropout and key is None:
        raise ValueError("dropout needs a key")
    x = _steps(config, params["normalization"], features, lengths)
    lengths = -(-lengths // config.stride)
    steps = len(x)
    x = jnp.pad(x, ((config.context, config.context_ahead), (0, 0), (0, 0)))
    x = jnp.concatenate([x[i : i + steps] for i in range(config.context + 1 + config.context_ahead)], -1)
    count = config.layers + config.recurrent_layers
    keys = [None] * count if key is None else [*jax.random.split(key, count)]
    for i in range(config.layers):
        x = _drop(_clipped(params[f"dense_{i}"], x), dropout, keys[i])
    order = _reversal(steps, lengths)
    for i in range(config.recurrent_layers):
        layer = params[f"recurrent_{i}"]
        if i:
            x = _drop(x, dropout, keys[config.layers + i - 1])
        outputs = [_gru(layer["forward"], x)]
        if "backward" in layer:
            outputs.append(_reorder(_gru(layer["backward"], _reorder(x, order)), order))
        x = jnp.concatenate(outputs, -1)
    if config.convolution:
        kernel = params["look_ahead"]["kernel"]
        inside = (jnp.arange(steps)[:, None] < lengths[None]).astype(x.dtype)
        x = jnp.pad(x * inside[..., None], ((0, config.convolution), (0, 0), (0, 0)))
        y = x[:steps] * kernel[0][None, None]
        for i in range(1, len(kernel)):
            y = y + x[i : i + steps] * kernel[i][None, None]
        x = y
    x = _drop(_clipped(params["output"], x), dropout, keys[-1])
    ctc = _linear(params["ctc"], x).swapaxes(0, 1)
    return EarLogits(ctc, _linear(params["frames"], x).swapaxes(0, 1) if config.frame_head else None)


def _steps(config: EarConfig, scales: Params, features: jax.Array, lengths: jax.Array) -> jax.Array:
    """Normalizes features, sets those after the ends to 0 and joins the frames of each step: [S, B, stride x M]."""
    batch, frames, bands = features.shape
    mean, scale = (jax.lax.stop_gradient(jnp.asarray(scales[name])) for name in ("mean", "scale"))
    x = (features - mean[None, None]) / scale[None, None]
    x = jnp.where((jnp.arange(frames)[None] < lengths[:, None])[..., None], x, 0.0)
    steps = config.count_steps(frames)
    x = jnp.pad(x, ((0, 0), (0, steps * config.stride - frames), (0, 0)))
    return x.reshape(batch, steps, config.stride * bands).swapaxes(0, 1)


def _linear(layer: Params, x: jax.Array) -> jax.Array:
    return product(x, layer["kernel"]) + jnp.broadcast_to(layer["bias"], (*x.shape[:-1], len(layer["bias"])))


def _clipped(layer: Params, x: jax.Array) -> jax.Array:
    return jnp.clip(_linear(layer, x), 0.0, CLIP)


def _drop(x: jax.Array, share: float, key: jax.Array | None) -> jax.Array:
    """Sets units of x [S, B, H] to 0, each for some steps: to draw it for each step takes a sixth of an update."""
    if not share or key is None:
        return x
    steps, batch, units = x.shape
    passes = jax.random.bernoulli(key, 1 - share, (-(-steps // _DROPPED_STEPS), 1, batch, units))
    passes = jnp.broadcast_to(passes, (len(passes), _DROPPED_STEPS, batch, units))
    return jnp.where(passes.reshape(-1, batch, units)[:steps], x / (1 - share), 0.0)


def _gru(layer: Params, x: jax.Array) -> jax.Array:
    """Maps x [S, B, X] to the states [S, B, H] of a GRU that starts at 0."""
    state = jnp.zeros((x.shape[1], len(layer["recurrent_bias"])), jnp.float32)
    return gru_after(_linear(layer["input"], x), state, layer["recurrent"], layer["recurrent_bias"])


def _reversal(steps: int, lengths: jax.Array) -> jax.Array:
    """Computes the order [S, B] that reverses each recording within its length and leaves the rest in place.

    It is its own inverse.
    """
    at = jnp.arange(steps)[:, None]
    return jnp.where(at < lengths[None], lengths[None] - 1 - at, at)


@jax.custom_vjp
def _reorder(x: jax.Array, order: jax.Array) -> jax.Array:
    """Takes x [S, B, X] in an order [S, B] that is its own inverse, so that the gradient is a gather, too."""
    steps, batch = order.shape
    rows = order * batch + jnp.arange(batch)[None]
    return x.reshape(steps * batch, -1)[rows.reshape(-1)].reshape(x.shape)


_reorder.defvjp(
    lambda x, order: (_reorder(x, order), order), lambda order, gradient: (_reorder(gradient, order), None)
)
