"""Runs a command line; turns errors of the user and of the machine into one sentence and an exit code."""

import io
import os
import sys
from collections.abc import Sequence
from typing import Any

from babble_jax.cli.options import naming_options
from babble_jax.cli.usage import parse, system_error_text
from babble_jax.errors import BabbleError, StoppedError


def run_command(arguments: Sequence[str]) -> None:
    """Runs one verb; ends the program with code 2 and a sentence where it cannot.

    Args:
      arguments: words of the command line after `babble`.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # a name may hold characters that the terminal's encoding lacks
            stream.reconfigure(errors="backslashreplace")
    try:
        run_parsed(parse(arguments), arguments)
        sys.stdout.flush()
    except BabbleError as error:
        print(f"babble: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # `babble events … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except StoppedError as stop:
        print(f"babble: {stop}", file=sys.stderr)
        sys.exit(128 + stop.signal)
    except (OSError, MemoryError) as error:
        print(f"babble: {system_error_text(error)}", file=sys.stderr)
        sys.exit(2)


def run_parsed(verb: Any, arguments: Sequence[str]) -> None:
    """Runs what a command line says; an error names its options as they are typed.

    Args:
      verb: what the command line was read into; its `options`, or it itself, hold the values.
      arguments: words of the command line.
    """
    with naming_options(type(getattr(verb, "options", verb)), arguments):
        verb.run()
