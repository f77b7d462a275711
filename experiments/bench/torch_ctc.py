"""A plain PyTorch ear of both directions and its training, for the benchmark `ctc` alone, as users write them.

Axes: B streams, F mel frames, M bands, S steps, P symbols, L symbols of a string, X inputs, H units.

`nn.Conv1d` over the context of the first layer, `nn.Linear`, `nn.GRU` over packed sequences, `functional.ctc_loss`. It
has the parameters of ours, and a second bias of each gate, which begins at 0. Units are dropped in each step anew
(`nn.Dropout`), where ours are for ten; masks are drawn from the same distribution.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from babble_jax.ear.config import CLIP, EarConfig
from babble_jax.train.tasks.ear.config import EarTrainConfig


class TorchEar(nn.Module):
    """The network of an ear of both directions.

    Args:
      config: of the ear.
      dropout: share of the units that are set to 0 in training.
    """

    def __init__(self, config: EarConfig, dropout: float = 0.0):
        super().__init__()
        if config.direction != "both":
            raise ValueError("the PyTorch ear hears in both directions")
        self.config = config
        inputs, layers = config.stride * config.bands, config.recurrent_layers
        self.register_buffer("mean", torch.zeros(config.bands))
        self.register_buffer("scale", torch.ones(config.bands))
        self.first = nn.Conv1d(inputs, config.dim, 2 * config.context + 1, padding=config.context)
        self.dense = nn.ModuleList(nn.Linear(config.dim, config.dim) for _ in range(config.layers - 1))
        self.rnn = nn.GRU(
            config.dim,
            config.recurrent,
            layers,
            batch_first=True,
            bidirectional=True,
            dropout=dropout if layers > 1 else 0.0,
        )
        self.output = nn.Linear(2 * config.recurrent, config.dim)
        self.ctc = nn.Linear(config.dim, len(config.symbols) + 1)
        self.frames = nn.Linear(config.dim, len(config.symbols)) if config.frame_head else None
        self.drop = nn.Dropout(dropout)

    def forward(
        self, features: torch.Tensor, lengths: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Maps features [B, F, M] and lengths [B] in frames to logits [B, S, P + 1] of CTC and [B, S, P] of steps."""
        stride = self.config.stride
        inside = torch.arange(features.shape[1])[None] < lengths[:, None]
        x = torch.where(inside[..., None], (features - self.mean) / self.scale, 0.0)
        x = functional.pad(x, (0, 0, 0, -x.shape[1] % stride))
        x = x.reshape(len(x), x.shape[1] // stride, -1)
        steps = x.shape[1]
        x = self.drop(self.first(x.transpose(1, 2)).transpose(1, 2).clamp(0, CLIP))
        for layer in self.dense:
            x = self.drop(layer(x).clamp(0, CLIP))
        counts = torch.clamp(-(-lengths // stride), min=1)  # a stream without a recording has a step, too
        packed = pack_padded_sequence(x, counts, batch_first=True, enforce_sorted=False)
        x, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=steps)
        x = self.drop(self.output(x).clamp(0, CLIP))
        return self.ctc(x), None if self.frames is None else self.frames(x)


def copy_ear(params: Mapping[str, Any], config: EarConfig, dropout: float = 0.0) -> TorchEar:
    """Builds the network with the parameters of ours.

    Args:
      params: of `babble_jax.ear.model`.
      config: of the ear.
      dropout: share of the units that are set to 0 in training.
    """
    network = TorchEar(config, dropout)

    def put(target: torch.Tensor, value: Any) -> None:
        with torch.no_grad():
            target.copy_(torch.from_numpy(np.array(value, np.float32)))

    def put_linear(target: nn.Linear, layer: Mapping[str, Any]) -> None:
        put(target.weight, np.asarray(layer["kernel"]).T)
        put(target.bias, layer["bias"])

    def order(
        kernel: Any,
    ) -> np.ndarray:  # ours: update, reset, candidate; PyTorch's: reset, update, candidate
        z, r, n = np.split(np.asarray(kernel), 3, axis=-1)
        return np.concatenate([r, z, n], axis=-1)

    put(network.mean, params["normalization"]["mean"])
    put(network.scale, params["normalization"]["scale"])
    width = 2 * config.context + 1
    kernel = np.asarray(params["dense_0"]["kernel"]).reshape(width, -1, config.dim)
    put(network.first.weight, kernel.transpose(2, 1, 0))
    put(network.first.bias, params["dense_0"]["bias"])
    for i, layer in enumerate(network.dense, 1):
        put_linear(layer, params[f"dense_{i}"])
    for i in range(config.recurrent_layers):
        for direction, ending in (("forward", ""), ("backward", "_reverse")):
            gru = params[f"recurrent_{i}"][direction]
            name = f"l{i}{ending}"
            put(getattr(network.rnn, f"weight_ih_{name}"), order(gru["input"]["kernel"]).T)
            put(getattr(network.rnn, f"bias_ih_{name}"), order(gru["input"]["bias"]))
            put(getattr(network.rnn, f"weight_hh_{name}"), order(gru["recurrent"]).T)
            bias = np.concatenate([np.zeros(2 * config.recurrent), np.asarray(gru["recurrent_bias"])])
            put(getattr(network.rnn, f"bias_hh_{name}"), bias)
    put_linear(network.output, params["output"])
    put_linear(network.ctc, params["ctc"])
    if network.frames is not None:
        put_linear(network.frames, params["frames"])
    return network


def ear_loss(
    config: EarTrainConfig, network: TorchEar, batch: Mapping[str, np.ndarray], rate: float, masked: bool
) -> tuple[torch.Tensor, float]:
    """Computes the nats of a batch and its number of symbols, as `train.tasks.ear.loss` does.

    Args:
      config: of the run.
      network: of the ear.
      batch: as `EarBatches` makes it.
      rate: symbols per step of the training data.
      masked: whether stretches of time and ranges of bands are masked.
    """
    features = torch.from_numpy(np.asarray(batch["features"], np.float32))
    lengths = torch.from_numpy(np.asarray(batch["lengths"], np.int64))
    if masked:
        features = mask_features(config, network, features, lengths)
    logits, frames = network(features, lengths)
    counts = torch.from_numpy(np.asarray(batch["id_counts"], np.int64))
    total = functional.ctc_loss(
        functional.log_softmax(logits, -1).transpose(0, 1),
        torch.from_numpy(np.asarray(batch["ids"], np.int64)) + 1,
        -(-lengths // network.config.stride),
        counts,
        reduction="sum",
    )
    if frames is not None:
        targets = torch.from_numpy(np.asarray(batch["targets"], np.int64))
        nats = functional.cross_entropy(
            frames.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="sum"
        )
        total = total + config.frame_weight * rate * nats
    return total, float(counts.sum())


def mask_features(
    config: EarTrainConfig, network: TorchEar, x: torch.Tensor, lengths: torch.Tensor
) -> torch.Tensor:
    """Sets stretches of time and ranges of bands of x [B, F, M] to the mean of each band (SpecAugment).

    Args:
      config: of the run.
      network: of the ear.
      x: [B, F, M] dB.
      lengths: [B] frames.
    """
    _, frames, bands = x.shape
    longest = round(config.time_mask / network.config.hop)
    in_time = _draw_masks(config.time_masks, longest, frames, lengths)
    in_bands = _draw_masks(config.band_masks, config.band_mask, bands, torch.full_like(lengths, bands))
    return torch.where(in_time[:, :, None] | in_bands[:, None], network.mean, x)


def _draw_masks(count: int, longest: int, size: int, within: torch.Tensor) -> torch.Tensor:
    """Draws the positions that some masks of each stream cover, [B, size] bool; `within` [B] bounds them."""
    shape = (len(within), count)
    lengths = torch.floor(torch.rand(shape) * (longest + 1))
    starts = torch.floor(torch.rand(shape) * torch.clamp(within[:, None] - lengths + 1, min=1))
    at = torch.arange(size)[None, :, None]
    return ((at >= starts[:, None]) & (at < (starts + lengths)[:, None])).any(2)


class TorchEarPeer:
    """Trains the PyTorch ear with Adam and clipped gradients.

    Args:
      params: of ours, to begin with.
      ear: config of the ear.
      config: of the run; its learning rate rises for `warmup_steps` and stays.
      rate: symbols per step of the training data.
    """

    def __init__(self, params: Mapping[str, Any], ear: EarConfig, config: EarTrainConfig, rate: float):
        self._config, self._rate = config, rate
        self._network = copy_ear(params, ear, config.dropout)
        optimizer = config.optimizer
        torch.manual_seed(config.seed)
        self._optimizer = torch.optim.Adam(self._network.parameters(), optimizer.learning_rate)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: min(step / max(optimizer.warmup_steps, 1), 1.0)
        )

    def update(self, batch: Any) -> None:
        """Makes an update."""
        self._network.train()
        nats, weight = ear_loss(self._config, self._network, batch, self._rate, masked=True)
        self._optimizer.zero_grad()
        (nats / max(weight, 1.0)).backward()
        torch.nn.utils.clip_grad_value_(self._network.parameters(), self._config.optimizer.clip)
        self._optimizer.step()
        self._schedule.step()

    def logits(self, batch: Any) -> np.ndarray:
        """Computes the logits [B, S, P + 1] of CTC."""
        self._network.eval()
        with torch.no_grad():
            features = torch.from_numpy(np.asarray(batch["features"], np.float32))
            return self._network(features, torch.from_numpy(batch["lengths"].astype(np.int64)))[0].numpy()

    def save(self, path: Path) -> None:
        """Writes the state."""
        parts = {"network": self._network, "optimizer": self._optimizer, "schedule": self._schedule}
        state = {name: part.state_dict() for name, part in parts.items()}
        torch.save(state | {"random": torch.get_rng_state()}, path)

    def load(self, path: Path) -> None:
        """Reads the state."""
        state = torch.load(path)
        self._network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
