"""Configuration of an ear: its symbols, its features and the sizes of its network."""

import dataclasses
import math
from typing import Literal

import numpy as np

from babble_jax.audio.mel import WINDOW, fourier_length

Direction = Literal["both", "forward"]
CLIP = 20.0
"""Largest output of a clipped rectified linear unit."""


@dataclasses.dataclass(frozen=True)
class EarConfig:
    """Shape of an ear.

    A step is `stride` mel frames, 20 ms as it stands. Logits of CTC have the blank at 0 and symbol i at i + 1, as
    `optax.ctc_loss` has them by default; logits of frames have symbol i at i.

    Attributes:
      symbols: the P phones or letters; `silence` among them where the ear shall mark silence.
      silence: symbol of silence; an ear whose symbols do not hold it marks none.
      sample_rate: Hz of the audio.
      bands: mel bands M.
      hop: seconds between mel frames.
      stride: mel frames of a step.
      context: steps before the current one that the first layer sees, and after it as far as `look_ahead` allows.
      dim: units of each layer that is not recurrent.
      layers: layers of clipped rectified linear units before the recurrent ones; the first sees the context.
      recurrent: units of a recurrent layer, in each direction.
      recurrent_layers: number of recurrent layers.
      direction: "both" hears a recording as a whole; "forward" also hears it as it comes.
      look_ahead: steps after the current one that a forward ear sees in all: by the context, and, beyond it, by a
        convolution over the steps after the recurrent layers. It says nothing of an ear of both directions.
      frame_head: whether the ear also classifies each step, which gives the times of symbols.

    Examples:
      >>> config = EarConfig(("a", "n", "pau"), direction="forward", look_ahead=8)
      >>> round(config.latency, 3)
      0.181
    """

    symbols: tuple[str, ...]
    silence: str = "pau"
    sample_rate: int = 16_000
    bands: int = 80
    hop: float = 0.010
    stride: int = 2
    context: int = 4
    dim: int = 256
    layers: int = 2
    recurrent: int = 192
    recurrent_layers: int = 1
    direction: Direction = "both"
    look_ahead: int = 8
    frame_head: bool = True

    def __post_init__(self):
        if not self.symbols or len({*self.symbols}) != len(self.symbols) or "" in self.symbols:
            raise ValueError(
                "the symbols of an ear are one or more, none of them empty and each of them once"
            )
        for name in ("bands", "stride", "dim", "layers", "recurrent", "recurrent_layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
        for name in ("context", "look_ahead"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must not be negative")
        if self.sample_rate < 1 or not math.isfinite(self.hop) or round(self.hop * self.sample_rate) < 1:
            raise ValueError("sample_rate and hop must be positive, and the hop at least a sample")
        if self.direction not in ("both", "forward"):
            raise ValueError(f"direction is {self.direction!r}; choose both or forward")

    @property
    def context_ahead(self) -> int:
        """Steps after the current one that the first layer sees."""
        return self.context if self.direction == "both" else min(self.context, self.look_ahead)

    @property
    def convolution(self) -> int:
        """Steps after the current one that the look-ahead convolution sees; 0 where there is no such layer."""
        return 0 if self.direction == "both" else self.look_ahead - self.context_ahead

    @property
    def silence_id(self) -> int | None:
        """Position of `silence` among the symbols, if it is one of them."""
        return self.symbols.index(self.silence) if self.silence in self.symbols else None

    @property
    def seconds_per_step(self) -> float:
        """Duration of a step."""
        return self.stride * round(self.hop * self.sample_rate) / self.sample_rate

    @property
    def latency(self) -> float:
        """Seconds from the middle of a step to the end of the audio that a forward ear hears it with."""
        half_transform = fourier_length(WINDOW, self.sample_rate) / 2 / self.sample_rate
        return (self.look_ahead + 0.5 - 0.5 / self.stride) * self.seconds_per_step + half_transform

    def count_steps(self, frames: int) -> int:
        """Computes the number of steps S of a recording of `frames` mel frames; the last may be incomplete."""
        return -(-frames // self.stride)

    def step_edges(self, steps: int) -> np.ndarray:
        """Computes the times between steps: step s lasts from edge s to edge s + 1.

        Mel frame f is centred at f hops, so that the steps lie half a hop earlier than multiples of their duration.

        Returns:
          [S + 1] float64 seconds, the first 0.
        """
        edges = np.arange(steps + 1) * self.seconds_per_step - self.seconds_per_step / self.stride / 2
        return np.maximum(edges, 0.0)

    def step_centers(self, steps: int) -> np.ndarray:
        """Computes the times of the middles of steps, [S] float64 seconds: there labels of frames are read."""
        edge = (np.arange(steps) + 0.5) * self.seconds_per_step
        return edge - self.seconds_per_step / self.stride / 2


def parameter_shapes(config: EarConfig) -> dict[str, tuple[int, ...]]:
    """Lists the shapes of the parameters of an ear by their names, levels joined by "/", and loads no JAX for it."""
    shapes: dict[str, tuple[int, ...]] = {}

    def add_dense(name: str, inputs: int, units: int) -> None:
        shapes[f"{name}/kernel"], shapes[f"{name}/bias"] = (inputs, units), (units,)

    directions = ("forward", "backward") if config.direction == "both" else ("forward",)
    units = config.recurrent
    width = (config.context + 1 + config.context_ahead) * config.stride * config.bands
    shapes |= {f"normalization/{name}": (config.bands,) for name in ("mean", "scale")}
    for i in range(config.layers):
        add_dense(f"dense_{i}", width, config.dim)
        width = config.dim
    for i in range(config.recurrent_layers):
        for direction in directions:
            name = f"recurrent_{i}/{direction}"
            add_dense(f"{name}/input", width, 3 * units)
            shapes[f"{name}/recurrent"], shapes[f"{name}/recurrent_bias"] = (units, 3 * units), (units,)
        width = len(directions) * units
    if config.convolution:
        shapes["look_ahead/kernel"] = (config.convolution + 1, width)
    add_dense("output", width, config.dim)
    add_dense("ctc", config.dim, len(config.symbols) + 1)
    if config.frame_head:
        add_dense("frames", config.dim, len(config.symbols))
    return shapes
