"""What a voice is: pure functions over explicit state.

Axes: B streams, T samples, Q quantization levels.
"""

from typing import Any, NamedTuple, Protocol

import jax

Params = Any  # nested dict of arrays, as Flax's `init` gives it
State = Any  # a NamedTuple of the voice's own; axis 0 is B, but for the scalar `phase`


class Cond(NamedTuple):
    """What a voice is conditioned on.

    Attributes:
      speaker: [B] int32 in [0, speakers); None for a voice of one speaker.
    """

    speaker: jax.Array | None = None


class Voice(Protocol):
    """An autoregressive law over quantized samples.

    `params` is what training updates; every method but `init` takes either it or `weights(params)`, its folded form,
    which a caller that steps many times computes once.
    """

    @property
    def levels(self) -> int:
        """Q."""
        ...

    @property
    def frame(self) -> int:
        """Samples per step of the slowest module: `apply` takes multiples of it."""
        ...

    def init(self, key: jax.Array) -> Params:
        """Draws parameters. `key` is consumed."""
        ...

    def weights(self, params: Params) -> Params:
        """Folds what only training keeps apart (weight norm, embedding tables). Idempotent."""
        ...

    def initial_state(self, params: Params, batch: int, cond: Cond | None = None) -> State:
        """State before the first sample: a history of zero amplitude, learned hidden states, phase 0."""
        ...

    def apply(
        self, params: Params, state: State, samples: jax.Array, cond: Cond | None = None
    ) -> tuple[jax.Array, State]:
        """Teacher-forced.

        Args:
          params: parameters or weights.
          state: at phase 0.
          samples: [B, T] int32 in [0, Q), T a multiple of `frame`.
          cond: what to condition on.

        Returns:
          logits: [B, T, Q] float32; `logits[:, t]` is the law of `samples[:, t]` given `state` and `samples[:, :t]`.
          state: after the T samples.
        """
        ...

    def predict(self, params: Params, state: State, cond: Cond | None = None) -> tuple[jax.Array, State]:
        """The law of the next sample, [B, Q] float32. Runs the modules that are due: call it once per sample."""
        ...

    def push(self, state: State, sample: jax.Array) -> State:
        """Appends the sample [B] int32 that `predict` was asked about."""
        ...
