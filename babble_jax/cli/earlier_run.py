"""The run that a command line of `babble train` goes on with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from babble_jax.train.config import TrainConfig
from babble_jax.train.record import RunRecord, latest_step

TaskName = Literal["voice", "ear", "tacotron"]


def read_earlier_run(arguments: Sequence[str], kind: type[TrainConfig]) -> tuple[Path, RunRecord] | None:
    """Reads the record of the run in the folder that a command line names; None where there is none to go on with.

    A folder without a checkpoint, of a first start that failed, gives none to a command line with recordings.

    Args:
      arguments: words of the command line after the verb.
      kind: class of the config.

    Returns:
      The folder, and the record.
    """
    workdir = value_of("--workdir", arguments)
    path = Path(workdir or "") / "config.json"
    named = bool(arguments) and not arguments[0].startswith("-")
    if workdir is None or not path.is_file() or (latest_step(path.parent) is None and named):
        return None
    return path.parent, RunRecord.read(path, kind)


def value_of(option: str, arguments: Sequence[str]) -> str | None:
    """Finds the value of an option among the words of a command line.

    Args:
      option: with its dashes.
      arguments: the words.
    """
    for number, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == option and equals:
            return value
        if word == option and number + 1 < len(arguments):
            return arguments[number + 1]
    return None
