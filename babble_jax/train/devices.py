"""A step over many devices: by `pmap`, or by `jit` over a mesh. Same signature, same figures.

Axes: A streams of all processes, B streams of this process, D devices of this process.

Outside, a state is flat: the streams of all processes are axis 0 of plain arrays, the same in every process, as a
checkpoint keeps them, so that what four devices saved two can go on with. Parameters, optimizer and step are the same
on every device and carry no device axis. Every process serves a contiguous share of the streams, in order.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from babble_jax.train.state import TrainState
from babble_jax.train.step import Batch, Metrics, Step
from babble_jax.voice.contract import State

AXIS = "batch"


class Parallel(NamedTuple):
    """Attributes:
    place: a copy of a flat state onto the devices, of which each process takes the streams that it serves.
    flat: the inverse; with several processes, all call it together.
    compile: a step into one that takes a placed state, which it consumes, and this process's batch.
    """

    place: Callable[[TrainState], TrainState]
    flat: Callable[[TrainState], TrainState]
    compile: Callable[[Step], Callable[[TrainState, Batch], tuple[TrainState, Metrics]]]


def parallel(kind: Literal["pmap", "jit"], batch_size: int, devices: Sequence[Any] | None = None) -> Parallel:
    """Spreads streams over devices.

    Args:
      kind: see `babble_jax.train.config.TrainConfig`.
      batch_size: of all processes.
      devices: of this process; all of them by default, and always with several processes.

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


def _over_streams(
    f: Callable[[jax.Array], jax.Array], carry: State, g: Callable[[jax.Array], jax.Array] = lambda x: x
) -> State:
    """Applies f to every array that has a batch axis, and g to the scalars."""
    return jax.tree.map(lambda x: f(x) if x.ndim else g(x), carry)


def _own(x: Any) -> np.ndarray:
    """[A, ...] to [B, ...]: the streams of this process."""
    return np.split(np.asarray(x), jax.process_count())[jax.process_index()]


def _fetch(state: TrainState, whole: Callable[[jax.Array], np.ndarray]) -> TrainState:
    """A placed state as plain arrays; `whole` fetches what has a batch axis, of all processes."""
    rest = jax.device_get(state._replace(carry=()))
    return rest._replace(carry=jax.tree.map(lambda x: whole(x) if x.ndim else np.asarray(x), state.carry))


def _pmap(devices: Sequence[Any]) -> Parallel:
    count = len(devices)
    mesh = Mesh(np.array(devices), (AXIS,))
    everywhere, spread = NamedSharding(mesh, PartitionSpec()), NamedSharding(mesh, PartitionSpec(AXIS))

    def split(x):  # [B, ...] to [D, B / D, ...]
        return x.reshape(count, -1, *x.shape[1:])

    def place(state: TrainState) -> TrainState:
        # Placed at once: the first donated call fails on several processes otherwise.
        def whole(x):
            return jax.device_put(x, everywhere, may_alias=False)

        carry = _over_streams(lambda x: jax.device_put(split(_own(x)), spread), state.carry, whole)
        return whole(state._replace(carry=()))._replace(carry=carry)

    def flat(state: TrainState) -> TrainState:
        def whole(x):  # [D, B / D, ...] of every process to [A, ...]
            x = np.asarray(x)
            return np.asarray(process_allgather(x.reshape(-1, *x.shape[2:]), tiled=True))

        return _fetch(state, whole)

    def compile_step(step: Step) -> Callable[[TrainState, Batch], tuple[TrainState, Metrics]]:
        def mapped(carry: State) -> TrainState:
            axes = jax.tree.map(lambda x: 0 if x.ndim else None, carry)
            return TrainState(step=None, params=None, optimizer=None, carry=axes, key=None)  # pyright: ignore[reportArgumentType]

        compiled = None

        def run(state, batch):
            nonlocal compiled
            if compiled is None:  # the axes depend on the voice's state, known with the first call
                axes = mapped(state.carry)
                compiled = jax.pmap(
                    lambda state, batch: step(state, batch, AXIS),
                    axis_name=AXIS,
                    in_axes=(axes, 0),
                    out_axes=(axes, None),
                    devices=None if jax.process_count() > 1 else devices,
                    donate_argnums=0,
                )
            return compiled(state, jax.tree.map(split, batch))

        return run

    return Parallel(place, flat, compile_step)


def _jit(devices: Sequence[Any]) -> Parallel:
    count = jax.process_count()
    mesh = Mesh(np.array(devices if count == 1 else jax.devices()), (AXIS,))
    everywhere, spread = NamedSharding(mesh, PartitionSpec()), NamedSharding(mesh, PartitionSpec(AXIS))

    def globally(
        x,
    ) -> jax.Array:  # this process's streams, as its share of an array of all processes' streams
        return jax.make_array_from_process_local_data(spread, np.asarray(x))

    def place(state: TrainState) -> TrainState:
        def whole(x):
            return jax.device_put(x, everywhere, may_alias=False)

        carry = _over_streams(lambda x: globally(_own(x)), state.carry, whole)
        return whole(state._replace(carry=()))._replace(carry=carry)

    def flat(state: TrainState) -> TrainState:
        return _fetch(state, lambda x: np.asarray(process_allgather(x, tiled=True)))

    def compile_step(step: Step) -> Callable[[TrainState, Batch], tuple[TrainState, Metrics]]:
        def pinned(state, batch):
            state, figures = step(state, batch)
            carry = _over_streams(lambda x: jax.lax.with_sharding_constraint(x, spread), state.carry)
            rest = jax.lax.with_sharding_constraint(state._replace(carry=()), everywhere)
            return rest._replace(carry=carry), figures

        compiled = jax.jit(pinned, donate_argnums=0)
        return lambda state, batch: compiled(state, jax.tree.map(globally, batch))

    return Parallel(place, flat, compile_step)
