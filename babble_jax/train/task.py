"""The contract of a task: what a trainer trains. A new kind of model is one class that extends `Task`.

Axes: B streams.

A batch is a dict of arrays whose axis 0 is B. Between two batches a stream may carry a state. The trainer shards both
over devices and sums what `Task.loss` returns over all of them; a task sees no devices.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import jax
import numpy as np

from babble_jax.track.tracker import Tracker
from babble_jax.train.config import LogConfig

Params = Any  # nested dict of arrays
Carry = Any  # tree of arrays whose axis 0 is B, apart from scalars, which are the same for all streams
Batch = Mapping[str, jax.Array | np.ndarray]


class Loss(NamedTuple):
    """Sums over the streams of a batch; the loss of an update is `total` divided by `weight`, over all devices.

    Attributes:
      total: [] float32, sum to be minimized.
      weight: [] float32, sum of the weights of what was predicted: samples, frames or labels.
      sums: further sums by name, [] float32 each.
      carry: state of the streams after the batch.
    """

    total: jax.Array
    weight: jax.Array
    sums: dict[str, jax.Array]
    carry: Carry = ()


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Metrics of an evaluation by name, and the sum of the weights of what was predicted."""

    metrics: dict[str, float]
    weight: float


class BatchIterator(Protocol):
    """Iterates over this process's batches for ever, and can be set to where it was."""

    def __next__(self) -> Batch: ...

    def get_state(self) -> dict[str, Any]:
        """Gives the position as JSON values, the same in every process."""
        ...

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes to a position."""
        ...

    def close(self) -> None:
        """Ends the reading."""
        ...


class NumberedBatches:
    """Batches that are a pure function of their number, from 0 on."""

    def __init__(self, make: Callable[[int], Batch]):
        self._make, self._number = make, 0

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        self._number += 1
        return self._make(self._number - 1)

    def get_state(self) -> dict[str, Any]:
        """Gives the number of the next batch."""
        return {"number": self._number}

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes to a batch."""
        self._number = state["number"]

    def close(self) -> None:
        """Does nothing."""


class Task(Protocol):
    """A model, its loss, its data and its export. Methods with a body may be left as they are.

    The trainer calls `open`, `prepare` and `batches` once, in this order, before anything else but `init`.

    Attributes:
      config: config of the run, an extension of `TrainConfig`.
      export_folder: name of the folder of the run that `export` writes.
      content_digests: fields of the config that name a folder, each with the name of the value in `derived` that tells
        the folder's content from others; empty there where it is unknown. A run goes on where the content has moved.
    """

    config: Any
    export_folder: str = "export"
    content_digests: Mapping[str, str] = MappingProxyType({})

    @property
    def description(self) -> str:
        """Size of the model and of its data, a part of a sentence; empty where there is nothing to say."""
        return ""

    @property
    def samples_per_update(self) -> int:
        """Samples that an update reads, over all devices; 0 where the data are no samples."""
        return 0

    @property
    def facts(self) -> dict[str, str | float]:
        """Sizes of the model and of its data by name, for the summary of a run; empty where there are none."""
        return {}

    @property
    def card(self) -> dict[str, Any]:
        """Card of what `export` wrote last, JSON values for its users; empty where there is none."""
        return {}

    def data_read(self, steps: int) -> dict[str, float]:
        """Counts what `steps` updates have read, by name with its unit; empty where that is not known."""
        return {}

    @property
    def derived(self) -> dict[str, Any]:
        """JSON values that were derived from the data and that the parameters depend on; stored in the run."""
        return {}

    def open(self, resumed: bool) -> None:
        """Opens what the task reads, and writes nothing.

        Args:
          resumed: whether the run goes on from a checkpoint.

        Raises:
          BabbleError: the task cannot be trained.
        """

    def discard(self, workdir: Path) -> None:
        """Removes what `prepare` wrote for a start with other values that came to no checkpoint."""

    def prepare(self, workdir: Path, log: LogConfig) -> None:
        """Computes what a run computes once, and stores it in its folder.

        Args:
          workdir: folder of the run.
          log: settings of its log.
        """

    def init(self, key: jax.Array) -> Params:
        """Makes the initial parameters; `key` is a PRNG key, consumed."""
        ...

    def initial_carry(self, params: Params, batch_size: int) -> Carry:
        """Makes the state of B = `batch_size` streams before the first batch."""
        return ()

    def loss(self, params: Params, carry: Carry, batch: Batch, keys: jax.Array | None = None) -> Loss:
        """Computes the loss of a batch. It is compiled, and differentiated by the parameters.

        Args:
          params: parameters.
          carry: state of the streams after the batch before.
          batch: arrays of B streams.
          keys: [B] PRNG keys of the streams in this update, the same on any devices; None in an evaluation.
        """
        ...

    def metrics(self, total: float, weight: float, sums: Mapping[str, float]) -> dict[str, float]:
        """Computes the metrics to be logged from the sums of `loss`; the first one is shown beside the progress.

        Args:
          total: sum that is minimized.
          weight: sum of the weights.
          sums: further sums by name.
        """
        return {"loss": total / max(weight, 1.0)} | {name: x / max(weight, 1.0) for name, x in sums.items()}

    def batches(self) -> BatchIterator:
        """Begins the batches of the training split, those of this process."""
        ...

    def evaluate(self, params: Params) -> Evaluation:
        """Evaluates parameters, plain arrays, on the validation split; all processes call it together."""
        ...

    def show(self, params: Params, step: int, key: jax.Array, tracker: Tracker) -> None:
        """Logs samples of the model at an evaluation; the first process calls it.

        Args:
          params: parameters, plain arrays.
          step: updates made.
          key: PRNG key, consumed.
          tracker: where sounds and pictures go.
        """

    def export(self, params: Params, folder: Path, step: int, evaluation: Evaluation | None) -> None:
        """Writes the model for use outside of the run; the first process calls it.

        Args:
          params: parameters, plain arrays.
          folder: `export_folder` in the folder of the run.
          step: updates made.
          evaluation: of this step; None without one.
        """
        ...
