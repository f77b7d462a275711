"""Passes on what JAX's native code prints in a process of a run; says the death of another process in one sentence.

Where a process dies, the native code of JAX ends the others, and prints how it came to know it on some thirty lines.
That happens in a thread of its own which no Python code can catch, so that a program beside each process reads its
native output: `python -I relay.py`, which needs nothing but the standard library. The program itself writes past it.
"""

import re
import signal
import sys
from collections.abc import Iterable, Iterator

START_TIMEOUT = 300
"""Seconds within which all processes of a run must have started."""
_FATAL = "the JAX distributed service detected fatal errors"
_HELD = re.compile(
    r"^[WEF]\d{4} \S+ +\d+ (coordination_service\w*|preemption_\w*|distributed_\w*|client)\.(cc|h):"
)
_NOISE = re.compile(r"^\[Gloo\] Rank \d+ is connected")
_UNHEALTHY = re.compile(r"unhealthy[^\n]*:\n((?:[^\n]*\d+,?\n)+)")


def explain_death(text: str) -> str:
    """Makes the sentence about a process that died, or that never came.

    Args:
      text: messages of JAX's native code in another process.
    """
    if "RegisterTask" in text:
        return (
            f"the processes of this run did not all start within {START_TIMEOUT} s; start all of them with the same "
            "HOST:PORT, which must be free on the first machine and reachable from the others, each with a number of "
            "its own."
        )
    numbers: list[str] = []
    if match := _UNHEALTHY.search(text):
        numbers = sorted({line.strip(", ").split(":")[-1] for line in match[1].splitlines()}, key=int)
    elif "leader task" in text:
        numbers = ["0"]
    which = f"process {numbers[0]}" if numbers else "another process"
    subject = f"{which} of this run has ended or no longer answers"
    if len(numbers) > 1:
        subject = f"processes {', '.join(numbers)} of this run have ended or no longer answer"
    return (
        f"{subject}, and so this one ends; what went wrong stands in the messages there. Start all processes again "
        "with the same command: the run goes on from its last checkpoint."
    )


def filter_lines(lines: Iterable[str]) -> Iterator[str]:
    """Filters lines of native output: the lines to be shown, each as soon as it is known that it is to be shown.

    From the first line about another process on all lines are held back until the output ends. Where the process was
    then ended because another one died, one sentence takes their place.
    """
    held: list[str] = []
    for line in lines:
        if held or _HELD.match(line):
            held.append(line)
        elif not _NOISE.match(line):
            yield line
    text = "".join(held)
    if _FATAL in text:
        yield f"babble: {explain_death(text)}\n"
    else:
        yield from held


def main() -> None:
    """Reads standard input to its end, whatever signals come, and writes to standard error."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    lines = (line.decode("utf-8", "backslashreplace") for line in sys.stdin.buffer)
    for line in filter_lines(lines):
        sys.stderr.write(line)
        sys.stderr.flush()


if __name__ == "__main__":
    main()
