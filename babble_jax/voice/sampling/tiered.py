"""Samples from SampleRNN by one scan per tier, each inside that of the coarser tier, without decisions at run time.

Axes: B streams, T samples, F samples per frame of a tier, R finer frames per frame, D units, C features.
"""

import jax
import jax.numpy as jnp

from babble_jax.voice.contract import Cond, Params
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.models.samplernn import SampleRNN, SampleRNNState
from babble_jax.voice.sampling.ancestral import Trace, choose


def sample_tiered(
    voice: SampleRNN,
    params: Params,
    state: SampleRNNState,
    uniform: jax.Array,
    forced: jax.Array | None = None,
    cond: Cond | None = None,
    sampling: Sampling = Sampling(),
) -> tuple[Trace, SampleRNNState]:
    """Draws T samples of each stream, as `ancestral.sample_ancestral` does.

    Args:
      voice: a SampleRNN.
      params: parameters or weights.
      state: [B] streams at phase 0.
      uniform: [B, T] float32 in [0, 1), one per sample; T is a multiple of `voice.frame`.
      forced: [B, T] int32, samples that enter the history in place of the free ones; None for free running.
      cond: speaker [B] and features [B, N, C], for a voice that takes them.
      sampling: temperature and top k.

    Returns:
      trace: the samples and their log-probabilities.
      state: after the T samples.

    Raises:
      ValueError: T is no multiple of the frame.
    """
    batch, length = uniform.shape
    if length % voice.frame:
        raise ValueError(f"the tiered sampler takes a multiple of {voice.frame} samples, not {length}")
    weights = voice.weights(params)
    sizes = voice.config.frame_sizes

    def frame(k, carry, inputs, cond):
        """Runs tier k once, and all finer modules for its F samples; the features are those of the top frame."""
        history, hidden = carry
        above, per_sample = inputs
        upsampled, last = voice.tier(k).apply(
            {"params": weights[f"tier_{k}"]},
            voice.frames(history[:, -sizes[k] :], sizes[k]),
            None if above is None else above[:, None],
            hidden[k],
            cond,
        )
        hidden = (*hidden[:k], last, *hidden[k + 1 :])
        ratio = voice.ratios[k]
        parts = jax.tree.map(lambda x: x.reshape(ratio, -1, batch), per_sample)

        def finer(carry, inputs):
            if k + 1 == len(sizes):
                return sample(carry, inputs, cond)
            return frame(k + 1, carry, inputs, cond)

        return jax.lax.scan(finer, (history, hidden), (jnp.swapaxes(upsampled, 0, 1), parts))

    def sample(carry, inputs, cond):
        """Draws one sample."""
        history, hidden = carry
        conditioning, (uniform, forced) = inputs
        outputs = voice.sample_level(weights, history[:, -sizes[-1] :], conditioning[:, None], cond)[:, 0]
        value, trace = choose(
            voice.distribution, outputs, uniform[0], None if forced is None else forced[0], sampling
        )
        return (jnp.concatenate([history[:, 1:], value[:, None]], axis=1), hidden), trace

    per_sample = tuple(None if x is None else x.T.reshape(-1, voice.frame, batch) for x in (uniform, forced))
    local = None if cond is None or cond.local is None else jnp.swapaxes(cond.local, 0, 1)  # [N, B, C]

    def top(carry, inputs):
        per_frame, row = inputs
        own = cond if row is None or cond is None else cond._replace(local=row[:, None])
        return frame(0, carry, (None, per_frame), own)

    carry, trace = jax.lax.scan(top, (state.history, state.hidden), (per_sample, local))
    samples = Trace(*(x.reshape(length, batch).T for x in trace))
    return samples, state._replace(history=carry[0], hidden=carry[1])
