"""Times the training of SampleRNN: samples per second, FLOP/s, share of the machine's peak, beside PyTorch.

    python -m experiments.bench.train --dim 256 1024 --against torch

Three tiers in the ports' shape (frames of 16 and 4 samples, one GRU layer each), float32, 512 samples per step of
truncated BPTT, Adam, gradients clipped: whole updates. With `--against torch` (`pip install '.[bench]'`) the PyTorch
model of `torch_samplernn`, checked against ours on copied parameters, runs in turn with ours in the same process. Uses
all cores; leave the machine alone meanwhile. Expected on two cores at batch 8: twice PyTorch's rate at dim 256, 1.9
times at dim 1024.
"""

import contextlib
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import tyro

from babble_jax.audio.pcm import FULL_SCALE
from babble_jax.train.memory import keep_freed_memory
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.throughput import matrix_peak
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.bench.machine import macs_per_sample
from experiments.pipelines.results import give_rows

LEVELS, SUBSEQUENCE, TOP = 256, 512, 16
ROUNDS, SECONDS = 5, 1.0  # turns, and how long each lasts at least


@dataclasses.dataclass(frozen=True)
class BenchTrain:
    """Times training.

    Attributes:
      dim: Units of each layer; several are timed one after the other.
      batch: Recordings that are read side by side.
      against: Peer that runs in turn with the package.
      json: Print one JSON object, and nothing else.
      out: JSON file to write, too.
    """

    dim: tuple[int, ...] = (256,)
    batch: tuple[int, ...] = (8,)
    against: Literal["nothing", "torch"] = "nothing"
    json: bool = False
    out: Path | None = None


def ours(dim: int, batch: int, codes: np.ndarray) -> tuple[Callable[[], Any], Any]:
    """Builds one update of ours as a function, and the parameters before it.

    Args:
      dim: units of each layer.
      batch: B.
      codes: [B, T] samples.
    """
    model = SampleRNNConfig(
        frame_sizes=(TOP, 4), dim=dim, expand_top=True, hidden=1, reset="after", weight_norm=False
    )
    config = VoiceTrainConfig(model=model, batch_size=batch, subsequence=SUBSEQUENCE)
    task = VoiceTask(config, DatasetProperties())
    state = init_train_state(task)
    params = jax.tree.map(np.array, state.params)
    pcm = (codes.astype(np.int32) * 256 - FULL_SCALE).astype(np.int16)  # the middle one of 256 linear levels
    arrays = {
        "pcm": pcm,
        "weight": np.ones(codes.shape, np.float32),
        "reset": np.zeros(batch, bool),
        "speaker": np.zeros(batch, np.int32),
    }
    assert np.array_equal(np.asarray(task.voice.encode(jnp.asarray(pcm))), codes)
    step = jax.jit(train_step(task), donate_argnums=0)

    def update() -> None:
        nonlocal state
        state, metrics = step(state, arrays)
        jax.block_until_ready(metrics)

    return update, params


def theirs(dim: int, batch: int, codes: np.ndarray, params: Any) -> Callable[[], Any]:
    """Builds one update of the PyTorch model from the same parameters, after checking that its logits are the same.

    Args:
      dim: units of each layer.
      batch: B.
      codes: [B, T] samples.
      params: of ours.
    """
    import torch  # pyright: ignore[reportMissingImports]

    from experiments.bench import torch_samplernn

    model = torch_samplernn.copy_samplernn(params, dim)
    silence = np.full((batch, TOP), LEVELS // 2)
    line = torch.from_numpy(np.concatenate([silence, codes], axis=1).astype(np.int64))
    config = SampleRNNConfig(
        frame_sizes=(TOP, 4), dim=dim, expand_top=True, hidden=1, reset="after", weight_norm=False
    )
    voice = VoiceConfig(config).sample_model
    expected, _ = voice.apply(params, voice.initial_state(params, batch), jnp.asarray(codes))
    logits = model(line, model.initial(batch))[0].detach().numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-3)
    optimizer, hidden = torch.optim.Adam(model.parameters(), 1e-3), model.initial(batch)

    def update() -> None:
        nonlocal hidden
        logits, hidden = model(line, hidden)
        hidden = [h.detach() for h in hidden]
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, LEVELS), line[:, TOP:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(model.parameters(), 1.0)
        optimizer.step()

    return update


def rate(update: Callable[[], Any], samples: int) -> float:
    """Measures the samples per second of updates, over about a second."""
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        update()
        count += 1
    return samples * count / (time.perf_counter() - start)


def bench(dim: int, batch: int, against: str) -> dict[str, Any]:
    """Measures the rates of one size: medians over the turns.

    Args:
      dim: units of each layer.
      batch: recordings that are read side by side.
      against: "torch" to time PyTorch, too.
    """
    codes = np.random.default_rng(0).integers(0, LEVELS, (batch, SUBSEQUENCE)).astype(np.int32)
    update, params = ours(dim, batch, codes)
    updates = {"ours": update}
    if against == "torch":
        updates["torch"] = theirs(dim, batch, codes, params)
    for one in updates.values():
        one()
        one()
    rates: dict[str, list[float]] = {name: [] for name in updates}
    for _ in range(ROUNDS):
        for name, one in updates.items():
            with (
                keep_freed_memory() if name == "ours" else contextlib.nullcontext()
            ):  # as `babble train` does
                rates[name].append(rate(one, batch * SUBSEQUENCE))
    model = SampleRNNConfig(frame_sizes=(TOP, 4), dim=dim, expand_top=True, hidden=1)
    flops = 6 * macs_per_sample(model, LEVELS)  # 2 forward, 4 backward
    row: dict[str, Any] = {"dim": dim, "batch": batch, "flops_per_sample": flops, "peak": matrix_peak()}
    row["ours"] = float(np.median(rates["ours"]))
    row["peak_share"] = row["ours"] * flops / row["peak"]
    if "torch" in rates:
        row["torch"] = float(np.median(rates["torch"]))
        row["ratio"] = float(np.median(np.array(rates["ours"]) / np.array(rates["torch"])))
    return row


def main() -> None:
    """Runs the benchmark with the options of the command line."""
    options = tyro.cli(BenchTrain)
    rows = []
    for dim in options.dim:
        for batch in options.batch:
            row = bench(dim, batch, options.against)
            rows.append(row)
            if not options.json:
                beside = f", torch {row['torch']:,.0f}: {row['ratio']:.2f} times" if "torch" in row else ""
                print(
                    f"dim {dim}, batch {batch} x {SUBSEQUENCE}: {row['ours']:,.0f} samples/s{beside}; "
                    f"{row['flops_per_sample'] / 1e6:.2f} MFLOP a sample, {row['peak_share']:.0%} of the peak "
                    f"({row['peak'] / 1e9:.0f} GFLOP/s)"
                )
    give_rows(rows, options.json, options.out)


if __name__ == "__main__":
    main()
