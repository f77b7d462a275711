"""Turns SIGTERM and Ctrl-C into a request to stop, which a run meets when its update is complete.

The signal is seen at once, by a thread that Python's signal handler wakes even while the main thread compiles. The
main thread goes on until the run has saved; a second Ctrl-C ends the process at once.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

import jax
import numpy as np
from jax.experimental.multihost_utils import process_allgather

from babble_jax.errors import StoppedError

AGREE_EVERY = 8
"""Updates between two agreements of several processes on whether to stop."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class InterruptedEvaluationError(Exception):
    """Ends an evaluation in which the run was asked to stop; the run makes the evaluation when it goes on."""


class StopRequest:
    """A request to stop a run.

    Attributes:
      signal: number of the signal; None until there is one.
    """

    def __init__(self):
        self.signal: int | None = None
        self._deferred = False

    def agreed(self, step: int) -> bool:
        """Returns whether all processes stop after update `step`, the same in each of them.

        A single process stops at once. Several agree at every eighth update, since each of them has to call this.
        """
        if jax.process_count() == 1:
            return self.signal is not None
        if step % AGREE_EVERY:
            return False
        signals = process_allgather(np.array(self.signal or 0))
        if np.any(signals):
            self.signal = int(np.max(signals))
        return self.signal is not None

    def check(self) -> None:
        """Raises `InterruptedEvaluationError` where a single process is to stop; several stop between updates only."""
        if self.signal is not None and jax.process_count() == 1:
            raise InterruptedEvaluationError

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Defers signals until the block looks at the request; outside of it a signal raises `StoppedError`."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False

    def _handle(self, number: int, frame: object) -> None:
        """Handles a signal in the main thread."""
        if not self._deferred:
            raise StoppedError("stopped", number)

    def _watch(self, fd: int) -> None:
        """Reads the signals that arrive, in a thread of its own."""
        while data := os.read(fd, 1):
            number = data[0]
            if number not in _SIGNALS:
                continue
            if self.signal is None:
                self.signal = number
                if self._deferred:
                    print(
                        "stopping after the running update; Ctrl-C ends at once", file=sys.stderr, flush=True
                    )
            elif number == signal.SIGINT:
                os._exit(128 + signal.SIGINT)


_current: StopRequest | None = None


def check_interruption() -> None:
    """Raises `InterruptedEvaluationError` where the run is to stop; long evaluations call it between batches."""
    if _current is not None:
        _current.check()


@contextlib.contextmanager
def watch_signals() -> Iterator[StopRequest]:
    """Watches for SIGTERM and Ctrl-C within a block; in another thread than the main one there is no request."""
    global _current
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    thread = threading.Thread(target=request._watch, args=(reader,), daemon=True)
    thread.start()
    earlier_fd = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    earlier = {number: signal.signal(number, request._handle) for number in _SIGNALS}
    _current, outer = request, _current
    try:
        yield request
    finally:
        _current = outer
        for number, handler in earlier.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(earlier_fd)
        os.close(writer)
        thread.join()
        os.close(reader)
