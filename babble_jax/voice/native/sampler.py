"""The native sampler under the contract of the others.

Axes: B streams, T samples, K tiers, D units, N top frames.
"""

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import jax.numpy as jnp
import numpy as np

from babble_jax.voice.contract import Cond
from babble_jax.voice.generate import Sampling, Trace
from babble_jax.voice.native import loop
from babble_jax.voice.native.pack import Packed
from babble_jax.voice.samplernn import State


def threads() -> int:
    """As many as there are cores for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sample(
    packed: Packed,
    state: State,
    uniform: np.ndarray,
    forced: np.ndarray | None = None,
    cond: Cond | None = None,
    sampling: Sampling = Sampling(),
) -> tuple[Trace, State]:
    """As `nested.nested`, with a packed voice in place of voice and parameters, and numpy arrays in the trace.

    Streams, not rows, are shared out among threads. With float32 weights log-probabilities are within 1e-4 of the
    compiled sampler's.

    Raises:
      ValueError: the state is not at phase 0, or T is no multiple of the top frame.
    """
    batch, length = uniform.shape
    voice, dim, count = packed.voice, packed.dim, len(packed.sizes)
    if length % voice.frame or int(state.phase):
        raise ValueError(f"the native sampler takes multiples of {voice.frame} samples, from phase 0 on")
    line = np.zeros((batch, voice.frame + length), np.int32)
    line[:, : voice.frame] = state.history
    hidden = np.stack([np.asarray(h)[:, 0] for h in state.hidden], axis=1).astype(np.float32)
    who = np.zeros(batch, np.int64)
    if voice.speakers:
        if cond is None or cond.speaker is None:
            raise ValueError("this voice has several speakers: pass cond=Cond(speaker=[B] int32)")
        who = np.asarray(cond.speaker)
    own = np.ascontiguousarray(packed.speakers[:, who].swapaxes(0, 1))
    said = np.zeros((batch, length // voice.frame, 3 * dim * count + dim), np.float32)
    if voice.local:
        if cond is None or cond.local is None:
            raise ValueError("this voice takes features: pass cond=Cond(local=[B, N, C])")
        said += np.asarray(cond.local, np.float32) @ packed.features
    given = np.zeros((batch, 0), np.int32) if forced is None else np.asarray(forced, np.int32)
    uniform = np.asarray(uniform, np.float32)
    least = min(sampling.top_k or voice.levels, voice.levels)
    drawn, log_prob = np.zeros((batch, length), np.int32), np.zeros((batch, length), np.float32)

    def part(rows: slice) -> None:
        loop.run(
            packed.int8,
            packed.products,
            packed.places,
            packed.tables,
            packed.sizes,
            dim,
            line[rows],
            hidden[rows],
            own[rows],
            said[rows],
            uniform[rows],
            given[rows],
            least,
            float(sampling.temperature),
            drawn[rows],
            log_prob[rows],
        )

    shares = np.linspace(0, batch, min(batch, threads()) + 1).astype(int)
    parts = [slice(a, b) for a, b in itertools.pairwise(shares)]
    if len(parts) == 1:
        part(parts[0])
    else:
        with ThreadPoolExecutor(len(parts)) as pool:
            list(pool.map(part, parts))
    after = state._replace(
        history=jnp.asarray(line[:, length:]),
        hidden=tuple(jnp.asarray(hidden[:, k, None]) for k in range(count)),
    )
    return Trace(line[:, voice.frame :], drawn, log_prob), after  # pyright: ignore[reportArgumentType]
