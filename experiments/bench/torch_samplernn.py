"""A plain PyTorch SampleRNN, for benchmarks alone: three tiers in the shape of the best known ports, as users write it.

Axes: B streams, T samples, N frames of a tier, F samples per frame, D units, R frames of the next tier per frame.

`nn.GRU` modules, an embedding, convolutions for every linear map (Conv1d over time, ConvTranspose1d for up-sampling).
Weight norm is left out on both sides: in generation it is folded, in training it costs both the same.
"""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional


class FrameTier(nn.Module):
    """One recurrent tier: `size` samples per frame, `ratio` frames of the next tier per frame."""

    def __init__(self, size: int, ratio: int, dim: int):
        super().__init__()
        self.size, self.ratio = size, ratio
        self.expand = nn.Conv1d(size, dim, 1)
        self.rnn = nn.GRU(dim, dim, batch_first=True)
        self.upsample = nn.ConvTranspose1d(dim, dim, ratio, stride=ratio)

    def forward(
        self, frames: torch.Tensor, above: torch.Tensor | None, hidden: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Runs the tier over its frames.

        Args:
          frames: [B, N, F] in [-2, 2].
          above: [B, N, D] from the coarser tier; None for the top one.
          hidden: [1, B, D].

        Returns:
          [B, N R, D] for the finer tier, and the hidden state after.
        """
        x = self.expand(frames.transpose(1, 2)).transpose(1, 2)
        if above is not None:
            x = x + above
        y, hidden = self.rnn(x, hidden)
        return self.upsample(y.transpose(1, 2)).transpose(1, 2), hidden


class SampleRNN(nn.Module):
    """Frames of 16 and 4 samples by default; the sample level embeds the last 4."""

    def __init__(self, dim: int, sizes: tuple[int, ...] = (16, 4), embedding: int = 256, levels: int = 256):
        super().__init__()
        self.dim, self.sizes, self.q_levels = dim, sizes, levels
        ratios = [a // b for a, b in zip(sizes, (*sizes[1:], 1), strict=True)]
        self.tiers = nn.ModuleList(FrameTier(s, r, dim) for s, r in zip(sizes, ratios, strict=True))
        self.embedding = nn.Embedding(levels, embedding)
        self.first = nn.Conv1d(embedding, dim, sizes[-1], bias=False)
        self.hidden = nn.Conv1d(dim, dim, 1)
        self.output = nn.Conv1d(dim, levels, 1)

    def initial(self, batch: int) -> list[torch.Tensor]:
        """Returns hidden states of zeros."""
        return [torch.zeros(1, batch, self.dim) for _ in self.sizes]

    def real(self, samples: torch.Tensor) -> torch.Tensor:
        """Maps codes to the real values that the tiers read."""
        return samples.float() * (4 / self.q_levels) - 2

    def sample_level(self, past: torch.Tensor, conditioning: torch.Tensor) -> torch.Tensor:
        """Maps past [B, T + F - 1] int64 and conditioning [B, T, D] to logits [B, T, Q]."""
        x = self.first(self.embedding(past).transpose(1, 2)) + conditioning.transpose(1, 2)
        return self.output(functional.relu(self.hidden(x))).transpose(1, 2)

    def forward(
        self, line: torch.Tensor, hidden: list[torch.Tensor]
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Maps samples [B, top frame + T] int64, of which the last T are scored, to logits [B, T, Q]."""
        top = self.sizes[0]
        length = line.shape[1] - top
        above, after = None, []
        for tier, size, state in zip(self.tiers, self.sizes, hidden, strict=True):
            frames = self.real(line[:, top - size : top + length - size]).reshape(len(line), -1, size)
            above, state = tier(frames, above, state)
            after.append(state)
        assert above is not None
        return self.sample_level(line[:, top - self.sizes[-1] : -1], above), after

    @torch.no_grad()
    def generate(self, batch: int, length: int) -> torch.Tensor:
        """Generates samples [B, T]; each tier is run when its frame is full, as the ports do it."""
        top, size = self.sizes[0], self.sizes[-1]
        line = torch.full((batch, top + length), self.q_levels // 2, dtype=torch.int64)
        hidden, conditioning = self.initial(batch), [torch.zeros(batch, 1, self.dim) for _ in self.sizes]
        for i in range(top, top + length):
            for k, (tier, s) in enumerate(zip(self.tiers, self.sizes, strict=True)):
                if i % s:
                    continue
                frames = self.real(line[:, i - s : i])[:, None]
                above = None
                if k:
                    frame = i // s % self.tiers[k - 1].ratio  # type: ignore[operator]
                    above = conditioning[k - 1][:, frame : frame + 1]
                conditioning[k], hidden[k] = tier(frames, above, hidden[k])
            logits = self.sample_level(line[:, i - size : i], conditioning[-1][:, i % size : i % size + 1])
            line[:, i] = torch.multinomial(functional.softmax(logits[:, 0], dim=-1), 1)[:, 0]
        return line[:, top:]


def copy_samplernn(
    params: Any, dim: int, sizes: tuple[int, ...] = (16, 4), embedding: int = 256
) -> SampleRNN:
    """Builds the model with our parameters (`hidden=1`, `reset="after"`, `expand_top`, no weight norm).

    Args:
      params: of `babble_jax`'s SampleRNN.
      dim: units of each layer.
      sizes: samples per frame of each tier.
      embedding: size of the embedding.
    """
    model = SampleRNN(dim, sizes, embedding)

    def put(target: nn.Parameter | torch.Tensor, value: Any) -> None:
        with torch.no_grad():
            target.copy_(torch.from_numpy(np.array(value, np.float32)))

    def order(
        kernel: np.ndarray,
    ) -> np.ndarray:  # ours: update, reset, candidate; PyTorch's: reset, update, candidate
        z, r, n = np.split(kernel, 3, axis=-1)
        return np.concatenate([r, z, n], axis=-1)

    for k, tier in enumerate(model.tiers):
        ours: Any = params[f"tier_{k}"]
        gru = ours["rnn"]["GRU_0"]
        put(tier.expand.weight, np.asarray(ours["expand"]["kernel"]).T[:, :, None])
        put(tier.expand.bias, ours["expand"]["bias"])
        put(tier.rnn.weight_ih_l0, order(np.asarray(gru["input"]["kernel"])).T)
        put(tier.rnn.bias_ih_l0, order(np.asarray(gru["input"]["bias"])))
        put(tier.rnn.weight_hh_l0, order(np.asarray(gru["recurrent"]["kernel"])).T)
        put(tier.rnn.bias_hh_l0, np.concatenate([np.zeros(2 * dim), np.asarray(gru["recurrent_bias"])]))
        kernel = np.asarray(ours["upsample"]["kernel"]).reshape(dim, tier.ratio, dim)
        put(tier.upsample.weight, kernel.transpose(0, 2, 1))
        bias = np.asarray(ours["upsample"]["bias"]).reshape(tier.ratio, dim)
        put(tier.upsample.bias, bias.mean(0))  # one for all places, where ours has one for each
    sample: Any = params["sample"]
    put(model.embedding.weight, sample["embedding"])
    kernel = np.asarray(sample["first"]["kernel"]).reshape(sizes[-1], embedding, dim)
    put(model.first.weight, kernel.transpose(2, 1, 0))
    put(model.hidden.weight, np.asarray(sample["layers_0"]["kernel"]).T[:, :, None])
    put(model.hidden.bias, sample["layers_0"]["bias"])
    put(model.output.weight, np.asarray(sample["output"]["kernel"]).T[:, :, None])
    put(model.output.bias, sample["output"]["bias"])
    return model
