"""Training of the plain PyTorch SampleRNN on the batches of the package, for `quality` alone.

Axes: B streams, T samples.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from torch.nn import functional  # pyright: ignore[reportMissingImports]

from experiments.bench.torch_samplernn import copy_samplernn

TOP, LEVELS = 16, 256


class TorchPeer:
    """Trains the PyTorch model with Adam and clipped gradients, as users write it.

    Args:
      params: of ours, to begin with.
      dim: units of each layer.
      learning_rate: of Adam.
      encode: maps int16 samples to codes.
    """

    def __init__(self, params: Any, dim: int, learning_rate: float, encode: Callable[[Any], Any]):
        self._encode, self._model = encode, copy_samplernn(params, dim)
        self._optimizer = torch.optim.Adam(self._model.parameters(), learning_rate)
        self._carry: tuple[Any, Any] | None = None  # the last samples [B, TOP] and the hidden states

    def _nats(self, batch: Any, carry: tuple[Any, Any] | None) -> tuple[Any, float, tuple[Any, Any]]:
        """Computes the nats of a batch, its number of samples, and the state after it."""
        codes = torch.from_numpy(np.asarray(self._encode(batch["pcm"])).astype(np.int64))
        weight, reset = torch.from_numpy(batch["weight"]), torch.from_numpy(batch["reset"])
        past, hidden = carry or (
            torch.full((len(codes), TOP), LEVELS // 2, dtype=torch.int64),
            self._model.initial(len(codes)),
        )
        past = torch.where(reset[:, None], LEVELS // 2, past)
        hidden = [torch.where(reset[None, :, None], 0.0, h) for h in hidden]
        line = torch.cat([past, codes], dim=1)
        logits, hidden = self._model(line, hidden)
        losses = functional.cross_entropy(logits.reshape(-1, LEVELS), codes.reshape(-1), reduction="none")
        nats = (losses * weight.reshape(-1)).sum()
        return nats, float(weight.sum()), (line[:, -TOP:], [h.detach() for h in hidden])

    def update(self, batch: Any) -> None:
        """Makes an update."""
        nats, weight, self._carry = self._nats(batch, self._carry)
        self._optimizer.zero_grad()
        (nats / max(weight, 1.0)).backward()
        torch.nn.utils.clip_grad_value_(self._model.parameters(), 1.0)
        self._optimizer.step()

    def nats(self, batches: Iterable[Any]) -> tuple[float, float]:
        """Returns the sum of nats and the number of samples of one pass."""
        total = samples = 0.0
        carry = None
        with torch.no_grad():
            for batch in batches:
                nats, weight, carry = self._nats(batch, carry)
                total, samples = total + float(nats), samples + weight
        return total, samples

    def save(self, path: Path) -> None:
        """Writes the state."""
        state = {"model": self._model.state_dict(), "optimizer": self._optimizer.state_dict()}
        torch.save(state | {"carry": self._carry}, path)

    def load(self, path: Path) -> None:
        """Reads the state."""
        state = torch.load(path)
        self._model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._carry = state["carry"]
