"""The `babble` command: each verb is a dataclass of its options and one `run`, which calls the library.

Results go to standard output, progress and reports of skipped input to standard error. Exit code 0, or 2 with one
sentence on standard error. What a verb needs beyond its options it imports when it runs, so that help comes quickly.
"""

import os
import sys
from collections.abc import Sequence

from babble_jax.cli import usage
from babble_jax.cli.compare import Compare
from babble_jax.cli.converse import Converse
from babble_jax.cli.dataset import Dataset
from babble_jax.cli.demo import Demo
from babble_jax.cli.events import Events
from babble_jax.cli.export import Export
from babble_jax.cli.fit import Fit
from babble_jax.cli.judge import Judge
from babble_jax.cli.simulate import Simulate
from babble_jax.cli.speak import Speak
from babble_jax.cli.stimuli import Stimuli
from babble_jax.cli.timings import Timings
from babble_jax.cli.train import Train
from babble_jax.errors import BabbleError

_VERBS = (
    Demo,
    Dataset,
    Train,
    Export,
    Speak,
    Judge,
    Events,
    Fit,
    Timings,
    Compare,
    Converse,
    Stimuli,
    Simulate,
)
VERBS = {verb.__name__.lower(): verb for verb in _VERBS}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one verb.

    Args:
      arguments: words of the command line after `babble`; those of this process where None.
    """
    try:
        verb = usage.parse(sys.argv[1:] if arguments is None else arguments, VERBS)
        verb.run()
        sys.stdout.flush()
    except BabbleError as error:
        print(f"babble: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # `babble events … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (OSError, MemoryError) as error:
        print(f"babble: {usage.system_error_text(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("babble: interrupted", file=sys.stderr)
        sys.exit(130)
