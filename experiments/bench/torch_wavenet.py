"""A plain PyTorch WaveNet, for benchmarks alone: gated dilated convolutions and, to generate, a queue for each layer.

Axes: B streams, T samples, R residual channels, S skip channels, Q levels.

Written as users write it: a `Conv1d` each for filter, gate, residual and skip; a step of generation gives the
convolutions of a layer the two inputs that they see, the older one out of the layer's queue (Le Paine et al. 2016,
arXiv 1611.09482).
"""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional


class Queue:
    """Holds the last `length` inputs of a layer, [B, R] each; zeros at first."""

    def __init__(self, batch: int, length: int, channels: int):
        self.data = torch.zeros(length, batch, channels)
        self.at = 0

    def swap(self, x: torch.Tensor) -> torch.Tensor:
        """Takes the oldest out and puts x in."""
        oldest = self.data[self.at].clone()
        self.data[self.at] = x
        self.at = (self.at + 1) % len(self.data)
        return oldest


class WaveNet(nn.Module):
    """Kernels of two taps, no conditioning."""

    def __init__(self, dilations: tuple[int, ...], channels: int, skip: int, levels: int = 256):
        super().__init__()
        self.dilations, self.channels, self.q_levels = dilations, channels, levels
        self.embedding = nn.Embedding(levels, channels)
        self.filters = nn.ModuleList(nn.Conv1d(channels, channels, 2, dilation=d) for d in dilations)
        self.gates = nn.ModuleList(nn.Conv1d(channels, channels, 2, dilation=d) for d in dilations)
        self.skips = nn.ModuleList(nn.Conv1d(channels, skip, 1) for _ in dilations)
        self.residuals = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in dilations[1:])
        self.hidden = nn.Conv1d(skip, skip, 1)
        self.output = nn.Conv1d(skip, levels, 1)

    def post(self, skipped: torch.Tensor) -> torch.Tensor:
        """Maps skip connections [B, S, T] to logits [B, T, Q]."""
        x = self.hidden(functional.relu(skipped))
        return self.output(functional.relu(x)).transpose(1, 2)

    def forward(self, before: torch.Tensor) -> torch.Tensor:
        """Maps the sample before each, [B, T] int64, to logits [B, T, Q]."""
        x, skipped = self.embedding(before).transpose(1, 2), torch.zeros(())
        for i, dilation in enumerate(self.dilations):
            seen = functional.pad(x, (dilation, 0))
            z = torch.tanh(self.filters[i](seen)) * torch.sigmoid(self.gates[i](seen))
            skipped = skipped + self.skips[i](z)
            if i < len(self.residuals):
                x = x + self.residuals[i](z)
        return self.post(skipped)

    @torch.no_grad()
    def generate(self, batch: int, length: int) -> torch.Tensor:
        """Generates samples [B, T], a step at a time."""
        queues = self.queues(batch)
        last = torch.full((batch,), self.q_levels // 2, dtype=torch.int64)
        line = torch.zeros(batch, length, dtype=torch.int64)
        for t in range(length):
            logits = self.step(queues, last)
            last = torch.multinomial(functional.softmax(logits, dim=-1), 1)[:, 0]
            line[:, t] = last
        return line

    def queues(self, batch: int) -> list[Queue]:
        """Returns the queues before the first sample."""
        return [Queue(batch, dilation, self.channels) for dilation in self.dilations]

    def step(self, queues: list[Queue], last: torch.Tensor) -> torch.Tensor:
        """Maps the latest sample [B] to logits [B, Q] of the next."""
        x, skipped = self.embedding(last), torch.zeros(())
        for i, queue in enumerate(queues):
            seen = torch.stack([queue.swap(x), x], dim=2)
            z = torch.tanh(self.near(self.filters[i], seen)) * torch.sigmoid(self.near(self.gates[i], seen))
            skipped = skipped + self.skips[i](z)
            if i < len(self.residuals):
                x = x + self.residuals[i](z)[:, :, 0]
        return self.post(skipped)[:, 0]

    @staticmethod
    def near(convolution: nn.Module, seen: torch.Tensor) -> torch.Tensor:
        """Applies a dilated convolution to the two inputs [B, R, 2] that it sees."""
        assert isinstance(convolution, nn.Conv1d)
        return functional.conv1d(seen, convolution.weight, convolution.bias)


def copy_wavenet(
    params: Any, dilations: tuple[int, ...], channels: int, skip: int, levels: int = 256
) -> WaveNet:
    """Builds the model with our weights (two taps, an embedding, no weight norm).

    Args:
      params: of `babble_jax`'s WaveNet.
      dilations: of each layer.
      channels: R.
      skip: S.
      levels: Q.
    """
    model = WaveNet(dilations, channels, skip, levels)

    def put(target: Any, kernel: np.ndarray, bias: np.ndarray) -> None:
        with torch.no_grad():
            target.weight.copy_(torch.from_numpy(np.array(kernel, np.float32)))
            target.bias.copy_(torch.from_numpy(np.array(bias, np.float32)))

    with torch.no_grad():
        model.embedding.weight.copy_(torch.from_numpy(np.array(params["table"], np.float32)))
    for i in range(len(dilations)):
        gate, out = params[f"layer_{i}"]["gate"], params[f"layer_{i}"]["out"]
        taps = np.asarray(gate["kernel"]).reshape(2, channels, 2 * channels).transpose(2, 1, 0)
        put(model.filters[i], taps[:channels], gate["bias"][:channels])
        put(model.gates[i], taps[channels:], gate["bias"][channels:])
        kernel = np.asarray(out["kernel"]).T[:, :, None]
        put(model.skips[i], kernel[:skip], out["bias"][:skip])
        if i < len(model.residuals):
            put(model.residuals[i], kernel[skip:], out["bias"][skip:])
    for name in ("hidden", "output"):
        ours = params["post"][name]
        put(getattr(model, name), np.asarray(ours["kernel"]).T[:, :, None], ours["bias"])
    return model
