"""The loss of an ear: nats of the string of symbols (CTC, Graves et al. 2006), and of the symbol of each step.

Axes: B streams, F mel frames, M bands, S steps, L symbols of a string, P symbols of the ear.
"""

import jax
import jax.numpy as jnp
import optax

from babble_jax.ear import model
from babble_jax.ear.config import EarConfig
from babble_jax.train.task import Batch, Loss
from babble_jax.train.tasks.ear.config import EarTrainConfig


def ear_loss(
    config: EarTrainConfig,
    ear: EarConfig,
    params: model.Params,
    batch: Batch,
    rate: float,
    keys: jax.Array | None = None,
) -> Loss:
    """Computes the sums of the nats of a batch; the weight is the number of symbols of its strings.

    Args:
      config: of the run.
      ear: of the ear.
      params: of the ear.
      batch: as `EarBatches` makes it.
      rate: symbols per step of the training data, by which the nats of steps are brought to those of symbols.
      keys: [B] PRNG keys of masks and dropout; None for an evaluation.
    """
    features, lengths = jnp.asarray(batch["features"], jnp.float32), jnp.asarray(batch["lengths"])
    key, dropout = None, 0.0
    if keys is not None:
        mean = jax.lax.stop_gradient(params["normalization"]["mean"])
        features = jax.vmap(
            lambda x, length, one: mask_features(config, ear, x, length, mean, one), in_axes=(0, 0, 0)
        )(features, lengths, keys)
        if config.dropout:
            # One key for all streams of a device: on more devices other units are dropped.
            key, dropout = jax.random.fold_in(keys[0], 1), config.dropout
    logits = model.apply(ear, params, features, lengths, dropout, key)
    steps = logits.ctc.shape[1]
    after = jnp.arange(steps)[None] >= -(-lengths[:, None] // ear.stride)
    ids, counts = jnp.asarray(batch["ids"]), jnp.asarray(batch["id_counts"])
    label_padding = jnp.arange(ids.shape[1])[None] >= counts[:, None]
    nats = optax.ctc_loss(
        logits.ctc, after.astype(jnp.float32), ids + 1, label_padding.astype(jnp.float32), blank_id=0
    )
    ctc = jnp.sum(jnp.where(counts > 0, nats, 0.0))
    total, weight = ctc, jnp.sum(counts).astype(jnp.float32)
    sums = {"ctc": ctc}
    if logits.frames is not None:
        targets = jnp.asarray(batch["targets"])
        labelled = targets >= 0
        frame_nats = optax.softmax_cross_entropy_with_integer_labels(logits.frames, jnp.maximum(targets, 0))
        frames = jnp.sum(jnp.where(labelled, frame_nats, 0.0))
        total = total + config.frame_weight * rate * frames
        correct = labelled & (jnp.argmax(logits.frames, -1) == targets)
        sums |= {
            "frame_nats": frames,
            "frames_correct": jnp.sum(correct).astype(jnp.float32),
            "frames_labelled": jnp.sum(labelled).astype(jnp.float32),
        }
    return Loss(total, weight, sums)


def mask_features(
    config: EarTrainConfig, ear: EarConfig, x: jax.Array, length: jax.Array, mean: jax.Array, key: jax.Array
) -> jax.Array:
    """Sets stretches of time and ranges of bands to the mean of each band (SpecAugment, arXiv 1904.08779).

    The length of each mask is uniform from 0 to the longest one.

    Args:
      config: of the run.
      ear: of the ear.
      x: [F, M] dB.
      length: frames before the padding.
      mean: [M] dB.
      key: PRNG key, consumed.
    """
    time_key, band_key = jax.random.split(key)
    masked = jnp.zeros(x.shape, bool)
    if config.time_masks and (longest := round(config.time_mask / ear.hop)):
        in_time = _draw_masks(time_key, config.time_masks, longest, x.shape[0], length)
        masked = masked | in_time[:, None]
    if config.band_masks and config.band_mask:
        in_bands = _draw_masks(
            band_key, config.band_masks, config.band_mask, ear.bands, jnp.asarray(ear.bands)
        )
        masked = masked | in_bands[None]
    return jnp.where(masked, mean[None], x)


def _draw_masks(key: jax.Array, count: int, longest: int, size: int, within: jax.Array) -> jax.Array:
    """Draws the positions that some masks cover, [size] bool."""
    lengths, starts = (jax.random.uniform(one, (count,)) for one in jax.random.split(key))
    lengths = jnp.floor(lengths * (longest + 1))
    starts = jnp.floor(starts * jnp.maximum(within - lengths + 1, 1))
    at = jnp.arange(size)[:, None]
    return jnp.any((at >= starts[None]) & (at < (starts + lengths)[None]), axis=1)
