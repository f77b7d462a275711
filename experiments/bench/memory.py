"""Measures what bfloat16 products and recomputation (remat) do to the memory of training, and to its bits.

    python -m experiments.bench.memory --out experiments/results/bench_memory.json

Memory is XLA's own analysis of an update of SampleRNN at dim 1024 (three tiers, frames of 16 and 4 samples), compiled
for this machine and not run: parameters and moments, and what is needed beside them. With remat the loss of an update
is recomputed in the backward pass and nothing of it is stored (`jax.checkpoint`). Bits are those of a short training of
a small voice on the excerpt of speech that ships, with products in float32 and in bfloat16 from the same seeds. Takes
five minutes on two cores. Expected: remat of the whole loss takes more memory, not less, and bfloat16 as much as
float32 where the compiler is a CPU's; bits differ no more than between seeds.
"""

import dataclasses
import tempfile
from pathlib import Path
from typing import Any, Literal

import jax
import jax.numpy as jnp
import tyro

from babble_jax.dataset.building import build_dataset
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.task import Batch, Loss, Params
from babble_jax.train.tasks.voice.config import DatasetProperties, VoiceTrainConfig
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.training import train_voice
from babble_jax.voice.models.samplernn import SampleRNNConfig
from experiments.bench.devices import shape
from experiments.pipelines.results import write_results

Product = Literal["float32", "bfloat16"]
PRODUCTS: tuple[Product, ...] = ("float32", "bfloat16")


@dataclasses.dataclass(frozen=True)
class BenchMemory:
    """Measures memory and bits.

    Attributes:
      dim: Units of each layer, for the memory.
      batch: Recordings that are read side by side, for the memory.
      subsequence: Samples of an update, for the memory.
      updates: Updates of the short training.
      seeds: Seeds of the short training.
      out: JSON file to write, too.
    """

    dim: int = 1024
    batch: int = 128
    subsequence: int = 512
    updates: int = 200
    seeds: tuple[int, ...] = (0, 1)
    out: Path | None = None


class RematTask(VoiceTask):
    """Recomputes the loss of an update in the backward pass."""

    def loss(self, params: Params, carry: Any, batch: Batch, keys: jax.Array | None = None) -> Loss:
        """Computes the nats of a batch; the arguments are those of `VoiceTask.loss`.

        Args:
          params: parameters of the voice.
          carry: state of the streams.
          batch: arrays of B streams.
          keys: [B] PRNG keys.
        """

        def compute(params: Params, carry: Any) -> Loss:
            return VoiceTask.loss(self, params, carry, batch, keys)

        return jax.checkpoint(compute, policy=jax.checkpoint_policies.nothing_saveable)(params, carry)


def memory(options: BenchMemory, dtype: Product, remat: bool) -> dict[str, Any]:
    """Compiles an update and reads XLA's analysis of its memory.

    Args:
      options: of the benchmark.
      dtype: of the products.
      remat: whether the loss is recomputed.
    """
    B, T = options.batch, options.subsequence
    model = dataclasses.replace(shape(options.dim), dtype=dtype)
    config = VoiceTrainConfig(model=model, batch_size=B, subsequence=T)
    task = (RematTask if remat else VoiceTask)(config, DatasetProperties())
    state = jax.eval_shape(lambda: init_train_state(task))
    batch = {
        "pcm": jax.ShapeDtypeStruct((B, T), jnp.int16),
        "weight": jax.ShapeDtypeStruct((B, T), jnp.float32),
        "reset": jax.ShapeDtypeStruct((B,), jnp.bool_),
        "speaker": jax.ShapeDtypeStruct((B,), jnp.int32),
    }
    compiled = jax.jit(train_step(task), donate_argnums=0).lower(state, batch).compile()
    analysis: Any = compiled.memory_analysis()
    cost: Any = compiled.cost_analysis()
    return {
        "products": dtype,
        "remat": remat,
        "state_bytes": analysis.argument_size_in_bytes,
        "temporary_bytes": analysis.temp_size_in_bytes,
        "flops": cost["flops"],
    }


def bits(dataset: Path, updates: int, dtype: Product, seed: int) -> float:
    """Trains a small voice, and returns its bits per sample on the validation split.

    Args:
      dataset: folder of the data set.
      updates: of the training.
      dtype: of the products.
      seed: of parameters and order.
    """
    model = SampleRNNConfig(frame_sizes=(16, 4), dim=64, embedding=16, hidden=1, dtype=dtype)
    optimizer = OptimizerConfig(learning_rate=4e-3)
    with tempfile.TemporaryDirectory() as folder:
        report = train_voice(
            dataset, Path(folder) / "run", updates, model=model, optimizer=optimizer, batch_size=16,
            subsequence=256, seed=seed, log=LogConfig(evaluate_every=0, save_every=10**6, audio_seconds=0),
        )  # fmt: skip
    return report.validation.bits


def main() -> None:
    """Runs the benchmark with the options of the command line."""
    options = tyro.cli(BenchMemory)
    rows = [memory(options, dtype, remat) for dtype in PRODUCTS for remat in (False, True)]
    for row in rows:
        print(
            f"products in {row['products']}{', remat' if row['remat'] else ''}: state "
            f"{row['state_bytes'] / 1e6:.0f} MB, beside it {row['temporary_bytes'] / 1e6:.0f} MB, "
            f"{row['flops'] / 1e12:.2f} TFLOP",
            flush=True,
        )
    with tempfile.TemporaryDirectory() as folder:
        dataset = build_dataset("excerpt", Path(folder) / "excerpt", sample_rate=8000).path
        curves = {
            dtype: [bits(Path(dataset), options.updates, dtype, seed) for seed in options.seeds]
            for dtype in PRODUCTS
        }
    print(f"bits after {options.updates} updates: {curves}")
    result = {
        "dim": options.dim,
        "batch": [options.batch, options.subsequence],
        "rows": rows,
        "updates": options.updates,
        "bits": curves,
    }
    if options.out is not None:
        write_results(options.out, result)


if __name__ == "__main__":
    main()
