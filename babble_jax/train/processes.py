"""Joins the processes of a run, on one machine or on several, and ends all of them where one dies.

Every process runs the same command. They find each other by `jax.distributed`; from then on `jax.process_index()`,
`jax.process_count()` and `jax.devices()` are those of all of them.
"""

import contextlib
import inspect
import io
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import jax
import orbax.checkpoint as ocp

from babble_jax.errors import BabbleError, StoppedError
from babble_jax.train import relay

HEARTBEAT_TIMEOUT = 30
"""Seconds without a sign of life after which a process counts as dead; the others end some seconds later."""
_WORK_TIMEOUT = (
    6 * 3600
)  # seconds that processes wait for work that the first one does for all, features of hours say
_waits = itertools.count()
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})")
_OF_OTHERS = re.compile(
    "gloo|nccl|connection|socket|coordination|barrier|heartbeat|UNAVAILABLE|ABORTED|DEADLINE_EXCEEDED",
    re.IGNORECASE,
)


def check_distributed(distributed: str, process_count: int | None, process_id: int | None) -> None:
    """Checks the options by which the processes of a run find each other.

    Args:
      distributed: "off", "auto", or HOST:PORT of the first process.
      process_count: number of processes; None to take it from the environment.
      process_id: number of this process, from 0 on; None to take it from the environment.

    Raises:
      BabbleError: they make no sense.
    """
    if distributed == "off":
        if process_count is not None or process_id is not None:
            raise BabbleError(
                "--process-count and --process-id are those of a run of several processes; say where the first one is "
                "found: --distributed HOST:PORT."
            )
        return
    address = _ADDRESS.fullmatch(distributed)
    if distributed != "auto" and (address is None or not 0 < int(address[2]) < 2**16):
        raise BabbleError(
            f"--distributed is {distributed}; give auto, off, or HOST:PORT, the machine of the first process and a "
            "free port there."
        )
    if process_count is not None and process_count < 1:
        raise BabbleError(f"--process-count is {process_count}; a run has one process at least.")
    if process_id is not None and not 0 <= process_id < (process_count or process_id + 1):
        last = "" if process_count is None else f" to {process_count - 1}"
        raise BabbleError(f"--process-id is {process_id}; processes are numbered from 0{last}.")


@contextlib.contextmanager
def join_processes(
    distributed: str, process_count: int | None = None, process_id: int | None = None
) -> Iterator[None]:
    """Makes this process one of a run's within a block, before which JAX must not have computed anything.

    While it waits for the others, each says so, and SIGTERM or Ctrl-C ends it at once. From then on the first process
    alone speaks; of others only errors are shown. A process whose block raises an error shows it and ends at once,
    with exit code 2 for what is the user's and 1 for a defect. A process that dies, or gives no sign of life for
    `HEARTBEAT_TIMEOUT`, ends the others with a sentence (`relay`) and the exit code of SIGABRT.

    Args:
      distributed: "off" for a process of its own; "auto" to take everything from the environment of SLURM, Open MPI,
        Cloud TPU or Kubernetes; or HOST:PORT, at which the first process listens and which all are given alike.
      process_count: number of processes; None to take it from the environment.
      process_id: number of this process, from 0 on; None to take it from the environment.

    Raises:
      BabbleError: the options make no sense, or the processes do not find each other.
    """
    check_distributed(distributed, process_count, process_id)
    if distributed == "off":
        yield
        return
    with _relayed_output() as terminal:
        _initialize(distributed, process_count, process_id)
        if jax.process_count() == 1:
            yield
            return
        try:
            with Path(os.devnull).open("w") as silence, contextlib.ExitStack() as stack:
                if jax.process_index():
                    stack.enter_context(contextlib.redirect_stdout(silence))
                    stack.enter_context(contextlib.redirect_stderr(silence))
                yield
                wait_for_processes("end")
        except StoppedError as stop:  # which all have agreed on
            jax.distributed.shutdown()
            if jax.process_index():
                sys.exit(128 + stop.signal)
            raise
        except BaseException as error:
            _end(error, terminal)
        jax.distributed.shutdown()


def _initialize(distributed: str, process_count: int | None, process_id: int | None) -> None:
    """Finds the other processes; the arguments are those of `join_processes`.

    Raises:
      BabbleError: they cannot be found.
    """
    options: dict[str, Any] = {"num_processes": process_count, "process_id": process_id}
    if distributed != "auto":
        options["coordinator_address"] = distributed
    if (
        "shutdown_timeout_seconds" in inspect.signature(jax.distributed.initialize).parameters
    ):  # not in JAX 0.8
        options["shutdown_timeout_seconds"] = HEARTBEAT_TIMEOUT
    if process_count != 1:
        others = "the processes of this run" if process_count is None else f"{process_count} processes"
        place = "" if distributed == "auto" else f" at {distributed}"
        print(f"waiting for {others}{place}, up to {relay.START_TIMEOUT} s", file=sys.stderr, flush=True)
    try:
        with _default_signals():
            jax.distributed.initialize(
                **options,
                initialization_timeout=relay.START_TIMEOUT,
                heartbeat_timeout_seconds=HEARTBEAT_TIMEOUT,
            )
    except (ValueError, KeyError) as error:
        if distributed == "auto":
            raise BabbleError(
                "--distributed auto: this process was not started by SLURM (srun), Open MPI (mpirun), on a Cloud TPU "
                "or by Kubernetes, as far as its environment says; give --distributed HOST:PORT --process-count N "
                "--process-id I."
            ) from error
        raise BabbleError(
            f"--distributed {distributed}: the environment does not say which process this is; add --process-count N "
            "and --process-id I."
        ) from error
    except jax.errors.JaxRuntimeError as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise BabbleError(
            f"--distributed {distributed}: the processes did not find each other ({reason}); "
            "start all of them, with the same HOST:PORT, which must be free on the first machine and reachable from "
            "the others."
        ) from error


@contextlib.contextmanager
def _default_signals() -> Iterator[None]:
    """Lets SIGTERM and Ctrl-C end the process at once within a block of native code, in which no handler runs."""
    earlier = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if callable(signal.getsignal(number)):  # one that is ignored stays so
                earlier[number] = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def wait_for_processes(name: str) -> None:
    """Waits until all processes of the run are here; they may be hours apart. All call it equally often.

    Args:
      name: of the place.
    """
    if jax.process_count() > 1:
        ocp.multihost.get_barrier_sync_fn()(
            key=f"babble {next(_waits)} {name}", timeout_ms=_WORK_TIMEOUT * 1000
        )


@contextlib.contextmanager
def first_process_first(name: str) -> Iterator[None]:
    """Runs a block in the first process, and then in all others.

    Args:
      name: of the block.
    """
    if jax.process_index():
        wait_for_processes(name)
    yield
    if not jax.process_index():
        wait_for_processes(name)


def check_shared(path: Path, patience: float = 60.0) -> None:
    """Checks that a file which the first process has written is seen by this one.

    Args:
      path: of the file.
      patience: seconds; a network's file system may show a new file late.

    Raises:
      BabbleError: it is not.
    """
    end = time.monotonic() + patience
    while not path.exists():
        if time.monotonic() > end:
            raise BabbleError(
                f"{path}: was written by process 0, and process {jax.process_index()} does not see it; give a folder "
                "on a disk that all machines of the run share."
            )
        time.sleep(0.2)


def _end(error: BaseException, terminal: TextIO) -> None:
    """Shows an error and ends this process at once, without waiting for the others, which wait for it.

    Args:
      error: that was raised.
      terminal: standard error.
    """
    if isinstance(error, jax.errors.JaxRuntimeError) and _OF_OTHERS.search(str(error)):
        # Another process has died, and JAX is about to say which one: it ends this process then.
        time.sleep(1.5 * HEARTBEAT_TIMEOUT)
    code = 2 if isinstance(error, BabbleError | OSError | MemoryError) else 1
    if code == 2:
        print(f"babble: process {jax.process_index()}: {error}", file=terminal)
    elif isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else 1
    elif isinstance(error, KeyboardInterrupt):
        code = 128 + (signal.SIGINT if type(error) is KeyboardInterrupt else signal.SIGTERM)
        print(f"babble: process {jax.process_index()}: interrupted", file=terminal)
    else:
        traceback.print_exception(error, file=terminal)
    terminal.flush()
    os._exit(code)


@contextlib.contextmanager
def _relayed_output() -> Iterator[TextIO]:
    """Sends what native code writes through `relay` within a block; Python's own output goes where it went before.

    Yields:
      Standard error.
    """
    import resource  # which Windows has not

    # JAX ends a process by SIGABRT where another one dies: a core file of its memory helps nobody.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    before = sys.stdout, sys.stderr
    for stream in before:
        stream.flush()
    own = [os.dup(number) for number in (1, 2)]
    # In a session of its own, so that Ctrl-C does not end it before it has said what there is to say.
    reader = subprocess.Popen(
        [sys.executable, "-I", str(relay.__file__)],
        stdin=subprocess.PIPE,
        stdout=own[1],
        stderr=own[1],
        start_new_session=True,
    )
    assert reader.stdin is not None
    for number in (1, 2):
        os.dup2(reader.stdin.fileno(), number)
    reader.stdin.close()
    sys.stdout, sys.stderr = (_open_text(number, stream) for number, stream in zip(own, before, strict=True))
    try:
        yield sys.stderr
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for number, descriptor in enumerate(own, 1):
            os.dup2(descriptor, number)
        sys.stdout, sys.stderr = before
        with contextlib.suppress(
            subprocess.TimeoutExpired
        ):  # a process that was started meanwhile may outlive this
            reader.wait(2)


def _open_text(descriptor: int, like: TextIO) -> TextIO:
    """Opens a descriptor for text of the same encoding as another stream."""
    return io.TextIOWrapper(
        os.fdopen(descriptor, "wb", closefd=False),
        encoding=like.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
