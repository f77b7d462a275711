"""The `babble` command: each verb is a dataclass of its options and one `run`, which calls the library.

Results go to standard output, progress and reports of skipped input to standard error. Exit code 0, or 2 with one
sentence on standard error. What this file imports is small: the module of a verb is loaded when the verb is called
(`verbs`), and what a verb needs beyond its options when it runs. So help comes quickly, and Ctrl-C and SIGTERM end the
program without a traceback while it still loads, with exit code 130 or 143.
"""

import signal
import sys
from collections.abc import Sequence

from babble_jax.cli.interruption import TerminatedError, find_interruption, raise_on_signals


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one verb.

    Args:
      arguments: words of the command line after `babble`; those of this process where None.
    """
    try:
        with raise_on_signals():
            from babble_jax.cli.command import run_command

            run_command(sys.argv[1:] if arguments is None else arguments)
    except (Exception, KeyboardInterrupt) as error:
        interruption = find_interruption(error)
        if interruption is None:
            raise
        terminated = isinstance(interruption, TerminatedError)
        print(f"babble: {'terminated' if terminated else 'interrupted'}", file=sys.stderr)
        sys.exit(128 + (signal.SIGTERM if terminated else signal.SIGINT))
