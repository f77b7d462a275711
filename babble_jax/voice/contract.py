"""The contract of a sample model: pure functions over explicit state.

Axes: B streams, T samples, N top frames, Q quantization levels, C features, P numbers that describe the distribution of
a sample.
"""

from typing import Any, NamedTuple, Protocol

import jax

from babble_jax.voice.distributions.contract import Distribution

Params = Any  # nested dict of arrays, as Flax's `init` gives it
ModelState = (
    Any  # the model's own NamedTuple; axis 0 of its arrays is B, apart from scalars, one of which is `phase`
)


def array_namespace(params: Params) -> Any:
    """Returns numpy for parameters that are arrays of numpy, else jax.numpy.

    `SampleModel.weights` and `initial_state` compute with it: on arrays of numpy nothing is compiled, which takes a
    second that a voice which starts to speak does not have.
    """
    return jax.tree.leaves(params)[0].__array_namespace__()


class Cond(NamedTuple):
    """Conditioning of a sample model: the speaker (global) and features of each top frame (local).

    Attributes:
      speaker: [B] int32 in [0, speakers); None for a voice without speakers.
      local: float32 features; None for a voice without features. For `apply` and the samplers [B, N, C], one row per
        top frame from the running one on (N = T / `SampleModel.frame` at phase 0). For `predict` [B, C], the row of
        the running top frame.
    """

    speaker: jax.Array | None = None
    local: jax.Array | None = None

    def at(self, frame: jax.Array | int) -> "Cond":
        """Selects the features [B, C] of one top frame from `local` [B, N, C], as `predict` takes them."""
        if self.local is None:
            return self
        return self._replace(local=jax.lax.dynamic_index_in_dim(self.local, frame, axis=1, keepdims=False))


def require_speaker(cond: Cond | None) -> jax.Array:
    """Returns the speaker, [B] int32.

    Raises:
      ValueError: there is none.
    """
    if cond is None or cond.speaker is None:
        raise ValueError("this voice has several speakers: pass cond=Cond(speaker=[B] int32)")
    return cond.speaker


def require_local(cond: Cond | None, features: int, frames: int | None = None) -> jax.Array:
    """Returns the features, [B, N, C] float32.

    Args:
      cond: the conditioning.
      features: C that the model takes.
      frames: N that the call needs; None for any.

    Raises:
      ValueError: there are none, or of another number of features or frames.
    """
    shape = None if cond is None or cond.local is None else cond.local.shape
    if shape is None or shape[2] != features or frames not in (None, shape[1]):
        raise ValueError(
            f"this voice takes features: pass cond=Cond(local=[B, {frames or 'N'}, {features}]), one row per top "
            f"frame, not {shape}"
        )
    return cond.local  # pyright: ignore[reportOptionalMemberAccess, reportReturnType]


class SampleModel(Protocol):
    """An autoregressive distribution of quantized samples.

    Training updates `params`. Every method but `init` takes either `params` or `weights(params)`, their folded form,
    which a caller that makes many steps computes once.
    """

    @property
    def q_levels(self) -> int:
        """Number of quantization levels, Q."""
        ...

    @property
    def distribution(self) -> Distribution:
        """Distribution of a sample, which the model describes by P numbers: Q logits, or those of a mixture."""
        ...

    @property
    def speakers(self) -> int:
        """Number of speakers that `Cond.speaker` indexes; 0 for a voice without speakers."""
        ...

    @property
    def local(self) -> int:
        """Number of features C of `Cond.local`; 0 for a voice without features."""
        ...

    @property
    def frame(self) -> int:
        """Samples per row of features, and per step of the slowest module: `apply` takes multiples of it."""
        ...

    def init(self, key: jax.Array) -> Params:
        """Draws initial parameters; `key` is consumed."""
        ...

    def weights(self, params: Params) -> Params:
        """Folds parameters that are separate only in training (weight norm, embedding tables). Idempotent.

        Arrays of numpy give arrays of numpy, of the same precision; so do those of `initial_state`.
        """
        ...

    def initial_state(self, params: Params, batch: int, cond: Cond | None = None) -> ModelState:
        """Makes the state before the first sample: a history of zero amplitude, initial hidden states, phase 0.

        Args:
          params: parameters or weights.
          batch: B.
          cond: speaker and features, for a model that takes them.
        """
        ...

    def apply(
        self, params: Params, state: ModelState, samples: jax.Array, cond: Cond | None = None
    ) -> tuple[jax.Array, ModelState]:
        """Computes the distributions of T given samples (teacher forcing).

        Args:
          params: parameters or weights.
          state: at phase 0.
          samples: [B, T] int32 in [0, Q), T a multiple of `frame`.
          cond: speaker [B] and features [B, N, C], for a model that takes them.

        Returns:
          outputs: [B, T, P] float32; `outputs[:, t]` describes the distribution of `samples[:, t]` given `state` and
            `samples[:, :t]`, as `distribution` says: logits, for classes.
          state: after the T samples.
        """
        ...

    def predict(
        self, params: Params, state: ModelState, cond: Cond | None = None
    ) -> tuple[jax.Array, ModelState]:
        """Computes the distribution of the next sample. Runs the modules that are due, so that it is called once per
        sample.

        Args:
          params: parameters or weights.
          state: at any phase.
          cond: speaker [B] and features [B, C] of the running top frame, for a model that takes them.

        Returns:
          outputs: [B, P] float32.
          state: with the modules that were due updated; `push` completes the step.
        """
        ...

    def push(self, state: ModelState, sample: jax.Array) -> ModelState:
        """Appends to the history the sample [B] int32 that follows the distribution of `predict`."""
        ...
