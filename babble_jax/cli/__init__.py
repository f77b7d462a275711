"""The `babble` command: each verb is a dataclass of its options and one `run`, which calls the library.

Results go to standard output, progress and reports of skipped input to standard error. Exit code 0, or 2 with one
sentence on standard error. This file imports the standard library alone: the module of a verb is loaded when the verb
is called (`verbs`), and what a verb needs beyond its options when it runs. So help comes quickly, and Ctrl-C ends the
program without a traceback while it still loads.
"""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one verb.

    Args:
      arguments: words of the command line after `babble`; those of this process where None.
    """
    try:
        from babble_jax.cli.command import run_command

        run_command(sys.argv[1:] if arguments is None else arguments)
    except (Exception, KeyboardInterrupt) as error:
        if not _is_interruption(error):
            raise
        print("babble: interrupted", file=sys.stderr)
        sys.exit(130)


def _is_interruption(error: BaseException | None) -> bool:
    """Tells whether Ctrl-C is behind an error; a library that is being imported may raise another one because of it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
