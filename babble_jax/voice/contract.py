"""What a voice is: pure functions over explicit state.

Axes: B streams, T samples, N top frames, Q quantization levels, C features.
"""

from typing import Any, NamedTuple, Protocol

import jax

Params = Any  # nested dict of arrays, as Flax's `init` gives it
State = Any  # a NamedTuple of the voice's own; axis 0 is B, but for scalars, one of them `phase`


class Cond(NamedTuple):
    """What a voice is conditioned on.

    Attributes:
      speaker: [B] int32 in [0, speakers); None for a voice of one speaker.
      local: frame-rate features, float32; None for a voice that takes none. [B, N, C], one row per top frame: for
        `apply` and the samplers from the state's running top frame on (N = T / `SampleModel.frame` at phase 0). [B, C], the
        row of the running top frame, for `predict`.
    """

    speaker: jax.Array | None = None
    local: jax.Array | None = None

    def at(self, frame: jax.Array | int) -> "Cond":
        """For `predict`: the row [B, C] of top frame `frame` of `local` [B, N, C]."""
        if self.local is None:
            return self
        return self._replace(local=jax.lax.dynamic_index_in_dim(self.local, frame, axis=1, keepdims=False))


def speaker_of(cond: Cond | None) -> jax.Array:
    """[B] int32, or a clear error where the caller forgot it."""
    if cond is None or cond.speaker is None:
        raise ValueError("this voice has several speakers: pass cond=Cond(speaker=[B] int32)")
    return cond.speaker


def local_of(cond: Cond | None, features: int, frames: int | None = None) -> jax.Array:
    """[B, N, C] float32, or a clear error where the caller forgot it or gave another number of features or frames."""
    given = None if cond is None or cond.local is None else cond.local.shape
    if given is None or given[2] != features or frames not in (None, given[1]):
        raise ValueError(
            f"this voice takes features: pass cond=Cond(local=[B, {frames or 'N'}, {features}]), one row per top "
            f"frame, not {given}"
        )
    return cond.local  # pyright: ignore[reportOptionalMemberAccess, reportReturnType]


class SampleModel(Protocol):
    """An autoregressive law over quantized samples.

    `params` is what training updates; every method but `init` takes either it or `weights(params)`, its folded form,
    which a caller that steps many times computes once.
    """

    @property
    def q_levels(self) -> int:
        """Q."""
        ...

    @property
    def speakers(self) -> int:
        """How many `Cond.speaker` chooses from; 0 for a voice that takes none."""
        ...

    @property
    def local(self) -> int:
        """C of `Cond.local`; 0 for a voice that takes none."""
        ...

    @property
    def frame(self) -> int:
        """Samples per row of features, and per step of the slowest module: `apply` takes multiples of it."""
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
