"""The loss of Tacotron and Tacotron 2: errors of frames, nats of where the end is, and what leads the attention.

Axes: B streams, N phones, S steps, F = r S frames, M mel bands, K bins, C channels of prosody.
"""

import jax
import jax.numpy as jnp
import optax

from babble_jax.tacotron.guided_attention import guided_loss, labelled_loss, phone_shares
from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.tacotron.layers.randomness import draw_mask, subkeys
from babble_jax.tacotron.synthesizer import Prediction, Synthesizer, frame_mask
from babble_jax.train.task import Batch, Loss
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.voice.contract import Params

_PROSODY, _FRAMES, _BLIND = 1000, 1001, 1002  # numbers of subkeys


def batch_inputs(batch: Batch) -> PhoneInputs:
    """Takes from a batch what the model is told."""
    return PhoneInputs(
        *(jnp.asarray(batch[name]) for name in ("phones", "phone_lengths")),
        *(jnp.asarray(batch[name]) if name in batch else None for name in ("prosody", "speaker", "language")),
    )


def drop_prosody(prosody: jax.Array, keys: jax.Array, rate: float) -> jax.Array:
    """Leaves out all prosody of some utterances, and single channels of others, so that a model also speaks without.

    Args:
      prosody: [B, N, C].
      keys: [B] PRNG keys, consumed.
      rate: share of the utterances without any, and share of the others without a channel.
    """
    masks = jax.vmap(lambda key: jax.random.bernoulli(key, rate, (1 + prosody.shape[-1],)))(keys)
    return jnp.where((masks[:, :1] | masks[:, 1:])[:, None], 0.0, prosody)


def drop_frames(frames: jax.Array, keys: jax.Array, rate: float, blind: float = 0.0) -> jax.Array:
    """Puts 0, about the mean of normalized log magnitudes, in the place of some frames.

    Args:
      frames: [B, F, M].
      keys: [B] PRNG keys, consumed.
      rate: share of the frames, below 1.
      blind: share of the utterances of which all frames are left out.
    """
    every = draw_mask(subkeys(keys, _BLIND), blind, 1, 1)
    return jnp.where(every | draw_mask(keys, rate, frames.shape[1], 1), 0.0, frames)


def frame_error(kind: str, prediction: jax.Array, true: jax.Array) -> jax.Array:
    """Computes the mean error over the bands of each frame, [B, F].

    Args:
      kind: "l1", "l2" or "both", their sum.
      prediction: [B, F, M].
      true: [B, F, M].
    """
    difference = prediction - true
    errors = {"l1": jnp.abs, "l2": jnp.square, "both": lambda x: jnp.abs(x) + jnp.square(x)}
    return jnp.mean(errors[kind](difference), axis=-1)


def attention_loss(
    attention: jax.Array,
    inputs: PhoneInputs,
    ends: jax.Array,
    lengths: jax.Array,
    reduction: int,
    by_labels: bool = True,
) -> tuple[jax.Array, jax.Array]:
    """Computes what leads the attention at each step: nats of the phones that sound, or the distance from the diagonal.

    Args:
      attention: [B, S, N] weights.
      inputs: of the utterances.
      ends: [B, N] frames at which phones end; 0 in an utterance whose times are not known.
      lengths: [B] frames.
      reduction: frames of a step, r.
      by_labels: whether phones lead where their times are known; the diagonal leads in other utterances.

    Returns:
      [B, S] loss, and the attention [B, S] to the phones that sound, 0 where times are not known.
    """
    steps = attention.shape[1]
    phone_lengths = jnp.asarray(inputs.lengths)
    diagonal = guided_loss(attention, phone_lengths, lengths // reduction)
    shares = phone_shares(ends, steps, reduction)
    timed = (jnp.max(ends, axis=-1) > 0)[:, None]
    on_phones = jnp.sum(jnp.where(shares > 0, attention, 0.0), axis=-1)
    on_phones = jnp.where(timed, on_phones, 0.0)
    if not by_labels:
        return diagonal, on_phones
    return jnp.where(timed, labelled_loss(attention, shares), diagonal), on_phones


def tacotron_loss(
    config: TacotronTrainConfig,
    model: Synthesizer,
    params: Params,
    batch: Batch,
    keys: jax.Array | None = None,
) -> Loss:
    """Computes the loss of a batch, a sum over its frames.

    The nats of the end and the loss of the attention are per step, and count for each of its frames.

    Args:
      config: of the run.
      model: that is trained.
      params: parameters.
      batch: as `PieceBatches` makes it.
      keys: [B] PRNG keys; None in an evaluation, in which the prenet's dropout depends on the number of the piece.
    """
    inputs, train, forced = batch_inputs(batch), keys is not None, None
    frames, lengths = jnp.asarray(batch["frames"]), jnp.asarray(batch["lengths"])
    if keys is None:
        keys = jax.vmap(lambda number: jax.random.fold_in(jax.random.key(0), number))(
            jnp.asarray(batch["number"])
        )
    else:
        if inputs.prosody is not None and config.prosody_dropout:
            prosody = jnp.asarray(inputs.prosody)
            prosody = drop_prosody(prosody, subkeys(keys, _PROSODY), config.prosody_dropout)
            inputs = inputs._replace(prosody=prosody)
        if config.frame_dropout or config.blind:
            frames = drop_frames(frames, subkeys(keys, _FRAMES), config.frame_dropout, config.blind)
        if "forced" in batch:
            shares = phone_shares(
                jnp.asarray(batch["ends"]), frames.shape[1] // model.reduction, model.reduction
            )
            forced = shares * jnp.asarray(batch["forced"])[:, None, None]
    output = model.apply(params, inputs, frames, lengths, keys, train, forced)
    return _sum_up(config, model.reduction, output, inputs, batch)


def _sum_up(
    config: TacotronTrainConfig, reduction: int, output: Prediction, inputs: PhoneInputs, batch: Batch
) -> Loss:
    frames, lengths = jnp.asarray(batch["frames"]), jnp.asarray(batch["lengths"])
    ends, guide = jnp.asarray(batch["ends"]), jnp.asarray(batch["guide"])
    refined = jnp.asarray(batch["linear"]) if "linear" in batch else frames
    mask = frame_mask(lengths, frames.shape[1]).astype(jnp.float32)
    step_lengths = lengths // reduction
    step_mask = frame_mask(step_lengths, output.stop.shape[1]).astype(jnp.float32)
    last = (jnp.arange(output.stop.shape[1])[None] == step_lengths[:, None] - 1).astype(jnp.float32)
    stop = optax.sigmoid_binary_cross_entropy(output.stop, last) * (1 + (config.stop_weight - 1) * last)
    led, on_phones = attention_loss(
        output.attention, inputs, ends, lengths, reduction, config.guide in ("auto", "labels")
    )
    parts = {
        "frames": jnp.sum(frame_error(config.error, output.frames, frames) * mask),
        "refined": jnp.sum(frame_error(config.error, output.refined, refined) * mask),
        "stop": reduction * jnp.sum(stop * step_mask),
    }
    guided = reduction * jnp.sum(led * step_mask * guide[:, None])
    absolute = jnp.sum(jnp.mean(jnp.abs(output.refined - refined), axis=-1) * mask)
    timed = (jnp.max(ends, axis=-1) > 0).astype(jnp.float32)[:, None]
    sums = parts | {
        "guided": guided,
        "absolute": absolute,
        "focus": reduction * jnp.sum(jnp.max(output.attention, axis=-1) * step_mask),
        "on_phones": reduction * jnp.sum(on_phones * step_mask),
        "timed": jnp.sum(mask * timed),
    }
    return Loss(sum(parts.values(), start=guided), jnp.sum(mask), sums)
