"""Maps a step over many devices, by `pmap` or by `jit` over a mesh, with the same signature and the same metrics.

Axes: A streams of all processes, B streams of this process, D devices of this process.

Outside of this module a state is a host state: plain arrays without a device axis, the same in every process, whose
axis 0 is the streams of all processes. Checkpoints hold host states, so that a run saved on four devices can resume
on two. On the devices parameters, optimizer and step are replicated, and the streams are sharded. Every process
serves a contiguous share of the streams, in order.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from babble_jax.errors import BabbleError
from babble_jax.train.processes import wait_for_processes
from babble_jax.train.state import TrainState
from babble_jax.train.step import Metrics, Step
from babble_jax.train.task import Batch, Carry

AXIS = "batch"


class DeviceMesh(NamedTuple):
    """Functions that map a step over a mesh of devices.

    Attributes:
      shard: copies a host state to the devices: parameters replicated, the streams of this process sharded.
      unreplicate: copies a state from the devices to a host state; all processes call it together.
      compile: compiles a step to one that takes a state on the devices, which it consumes, and this process's batch.
    """

    shard: Callable[[TrainState], TrainState]
    unreplicate: Callable[[TrainState], TrainState]
    compile: Callable[[Step], Callable[[TrainState, Batch], tuple[TrainState, Metrics]]]


def device_mesh(
    kind: Literal["pmap", "jit"], batch_size: int, devices: Sequence[Any] | None = None
) -> DeviceMesh:
    """Makes a mesh of devices that share the streams.

    Args:
      kind: "pmap" or "jit", see `babble_jax.train.config.TrainConfig`.
      batch_size: number of streams of all processes.
      devices: devices of this process; all of them by default, and always with several processes.

    Raises:
      ValueError: the streams do not divide among the devices.
    """
    devices = devices or jax.local_devices()
    count = len(devices) * jax.process_count()
    if batch_size % count:
        raise ValueError(
            f"a batch of {batch_size} streams does not divide among {count} devices; change the batch size"
        )
    return _pmap(devices) if kind == "pmap" else _jit(devices)


def check_division(batch_size: int, devices: int, resumed: bool) -> None:
    """Checks that the streams divide among the devices of all processes.

    Args:
      batch_size: number of streams of all processes.
      devices: number of devices of all processes.
      resumed: whether the run has begun, so that its batch size stays.

    Raises:
      BabbleError: they do not.
    """
    if batch_size % devices == 0:
        return
    text = f"A batch of {batch_size} streams does not divide among {devices} devices"
    if not resumed:
        raise BabbleError(f"{text}; change --batch-size to a multiple.")
    # Of the larger numbers the next one is enough.
    below = [count for count in range(1, min(devices, batch_size) + 1) if batch_size % count == 0]
    above = [count for count in range(devices, batch_size + 1) if batch_size % count == 0]
    *others, last = map(str, below + above[:1])
    counts = f"{', '.join(others)} or {last}" if others else last
    raise BabbleError(
        f"{text}, and a run that has begun keeps its batch size; go on with {counts} "
        f"{'devices' if others else 'device'}."
    )


def _over_streams(
    f: Callable[[jax.Array], jax.Array], carry: Carry, g: Callable[[jax.Array], jax.Array] = lambda x: x
) -> Carry:
    """Applies functions to the state of the streams.

    Args:
      f: applied to every array with a batch axis.
      carry: the state.
      g: applied to the scalars.
    """
    return jax.tree.map(lambda x: f(x) if x.ndim else g(x), carry)


def _own_streams(x: Any) -> np.ndarray:
    """Selects the streams of this process, [A, ...] to [B, ...]."""
    return np.split(np.asarray(x), jax.process_count())[jax.process_index()]


def _fetch(state: TrainState, fetch_streams: Callable[[jax.Array], np.ndarray]) -> TrainState:
    """Fetches a state from the devices; `fetch_streams` fetches an array with a batch axis, of all processes."""
    rest = jax.device_get(state._replace(carry=()))
    return rest._replace(
        carry=jax.tree.map(lambda x: fetch_streams(x) if x.ndim else np.asarray(x), state.carry)
    )


def _compile_together(compiled: Any, state: TrainState, batch: Batch) -> None:
    """Compiles a step in all processes before any of them runs it.

    On CPUs a process whose sum waits for that of another for more than 30 s gives up.

    Args:
      compiled: the step under `pmap` or `jit`, which keeps the program.
      state: state on the devices.
      batch: as the step takes it.
    """
    if jax.process_count() > 1:
        if jax.__version_info__ >= (0, 10):  # 0.8 lowers no pmap of several processes
            compiled.lower(state, batch).compile()
        wait_for_processes("compiled")


def _pmap(devices: Sequence[Any]) -> DeviceMesh:
    count = len(devices)
    mesh = Mesh(np.array(devices), (AXIS,))
    replicated, sharded = NamedSharding(mesh, PartitionSpec()), NamedSharding(mesh, PartitionSpec(AXIS))

    def split(x):  # [B, ...] to [D, B / D, ...]
        return x.reshape(count, -1, *x.shape[1:])

    def shard(state: TrainState) -> TrainState:
        # The copy is made here: the first donated call fails on several processes otherwise.
        def replicate(x):
            return jax.device_put(x, replicated, may_alias=False)

        carry = _over_streams(
            lambda x: jax.device_put(split(_own_streams(x)), sharded), state.carry, replicate
        )
        return replicate(state._replace(carry=()))._replace(carry=carry)

    def unreplicate(state: TrainState) -> TrainState:
        def gather(x):  # [D, B / D, ...] of every process to [A, ...]
            x = np.asarray(x)
            return np.asarray(process_allgather(x.reshape(-1, *x.shape[2:]), tiled=True))

        return _fetch(state, gather)

    def compile_step(step: Step) -> Callable[[TrainState, Batch], tuple[TrainState, Metrics]]:
        def mapped_axes(carry: Carry) -> TrainState:
            axes = jax.tree.map(lambda x: 0 if x.ndim else None, carry)
            return TrainState(step=None, params=None, optimizer=None, carry=axes, key=None)  # pyright: ignore[reportArgumentType]

        compiled = None

        def run(state, batch):
            nonlocal compiled
            if compiled is None:  # the axes depend on the carry, which the first call brings
                axes = mapped_axes(state.carry)
                compiled = jax.pmap(
                    lambda state, batch: step(state, batch, AXIS),
                    axis_name=AXIS,
                    in_axes=(axes, 0),
                    out_axes=(axes, None),
                    devices=None if jax.process_count() > 1 else devices,
                    donate_argnums=0,
                )
                _compile_together(compiled, state, jax.tree.map(split, batch))
            return compiled(state, jax.tree.map(split, batch))

        return run

    return DeviceMesh(shard, unreplicate, compile_step)


def _jit(devices: Sequence[Any]) -> DeviceMesh:
    count = jax.process_count()
    mesh = Mesh(np.array(devices if count == 1 else jax.devices()), (AXIS,))
    replicated, sharded = NamedSharding(mesh, PartitionSpec()), NamedSharding(mesh, PartitionSpec(AXIS))

    def make_global(x) -> jax.Array:  # [B, ...] of every process to a sharded [A, ...]
        return jax.make_array_from_process_local_data(sharded, np.asarray(x))

    def shard(state: TrainState) -> TrainState:
        def replicate(x):
            return jax.device_put(x, replicated, may_alias=False)

        carry = _over_streams(lambda x: make_global(_own_streams(x)), state.carry, replicate)
        return replicate(state._replace(carry=()))._replace(carry=carry)

    def unreplicate(state: TrainState) -> TrainState:
        return _fetch(state, lambda x: np.asarray(process_allgather(x, tiled=True)))

    def compile_step(step: Step) -> Callable[[TrainState, Batch], tuple[TrainState, Metrics]]:
        def constrained(state, batch):
            state, metrics = step(state, batch)
            carry = _over_streams(lambda x: jax.lax.with_sharding_constraint(x, sharded), state.carry)
            rest = jax.lax.with_sharding_constraint(state._replace(carry=()), replicated)
            return rest._replace(carry=carry), metrics

        compiled, begun = jax.jit(constrained, donate_argnums=0), False

        def run(state, batch):
            nonlocal begun
            batch = jax.tree.map(make_global, batch)
            if not begun:
                _compile_together(compiled, state, batch)
                begun = True
            return compiled(state, batch)

        return run

    return DeviceMesh(shard, unreplicate, compile_step)
