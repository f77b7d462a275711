"""The `babble` command: each verb is a dataclass of its options and one `run`, which calls the library.

Results go to standard output, progress and reports of skipped input to standard error. Exit code 0, or 2 with one
sentence on standard error. What a verb needs beyond its options it imports when it runs, so that help comes quickly.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import tyro
from tyro.conf import subcommand

from babble_jax.cli.converse import Converse
from babble_jax.cli.dataset import Dataset
from babble_jax.cli.demo import Demo
from babble_jax.cli.events import Events
from babble_jax.cli.fit import Fit
from babble_jax.cli.simulate import Simulate
from babble_jax.cli.speak import Speak
from babble_jax.cli.train import Train
from babble_jax.errors import BabbleError

VERBS = (
    Annotated[Demo, subcommand("demo")]
    | Annotated[Dataset, subcommand("dataset")]
    | Annotated[Train, subcommand("train")]
    | Annotated[Speak, subcommand("speak")]
    | Annotated[Events, subcommand("events")]
    | Annotated[Fit, subcommand("fit")]
    | Annotated[Converse, subcommand("converse")]
    | Annotated[Simulate, subcommand("simulate")]
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one verb."""
    verb = tyro.cli(VERBS, prog="babble", description="Babbling agents with human timing.", args=arguments)  # pyright: ignore[reportCallIssue, reportArgumentType]
    try:
        verb.run()
        sys.stdout.flush()
    except BabbleError as error:
        print(f"babble: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # `babble events … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        print("babble: interrupted", file=sys.stderr)
        sys.exit(130)
