"""Ends the program where SIGTERM or Ctrl-C comes, whatever is running; imports the standard library alone.

Python raises an error in the main thread. In a callback of the garbage collector, or in a `__del__`, it is printed and
goes no further, so that the program would go on; JAX has such a callback. The signal is then sent again.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_AGAIN = 0.01  # seconds after which a signal is sent again


class TerminatedError(KeyboardInterrupt):
    """Ends the program where SIGTERM comes."""


@contextmanager
def raise_on_signals() -> Iterator[None]:
    """Lets SIGTERM end the block as Ctrl-C does, so that it clears up; a second SIGTERM ends the process at once.

    Nothing is changed in another thread than the main one, and where SIGTERM is ignored or handled already.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    if not main_thread or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    process, print_unraisable = os.getpid(), sys.unraisablehook

    def handle(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if os.getpid() != process:  # a child that was forked ends as any process does
            os.kill(os.getpid(), signal.SIGTERM)
        raise TerminatedError

    def send_again(unraisable: "sys.UnraisableHookArgs") -> None:
        kind = unraisable.exc_type
        if not issubclass(kind, KeyboardInterrupt):
            print_unraisable(unraisable)
        elif (
            kind is TerminatedError or kind is KeyboardInterrupt
        ):  # others are those of a run, which remembers them
            number = signal.SIGTERM if kind is TerminatedError else signal.SIGINT
            if kind is TerminatedError:
                signal.signal(signal.SIGTERM, handle)
            timer = threading.Timer(_AGAIN, os.kill, (os.getpid(), number))
            timer.daemon = True
            timer.start()

    signal.signal(signal.SIGTERM, handle)
    sys.unraisablehook = send_again
    try:
        yield
    finally:
        sys.unraisablehook = print_unraisable
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def find_interruption(error: BaseException | None) -> KeyboardInterrupt | None:
    """Finds the Ctrl-C or SIGTERM behind an error; a library that is being imported may raise another one for it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error
