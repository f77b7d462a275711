"""Runs a command in a process of its own, which is killed at a step: `python -m tests.faults.killing LINE AT ROOT…`."""

import sys
from pathlib import Path

from tests.faults.injection import KILL, Injection
from tests.faults.outcomes import run

if __name__ == "__main__":
    line, at, *roots = sys.argv[1:]
    print(run(line, Injection(tuple(map(Path, roots)), int(at), KILL)))
