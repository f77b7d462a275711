"""The command line read, and what is wrong with it told in one sentence.

The sentence is made of the box that tyro draws on standard error: were the box to change, the sentence would say less.
"""

import contextlib
import dataclasses
import difflib
import functools
import io
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

import tyro
from tyro.conf import subcommand

from babble_jax.errors import BabbleError

# A box has a title, and parts between rules: the first says what is wrong, the others explain at length.
_FRAME = re.compile(r"^[\s│|]+|[\s│|]+$", re.MULTILINE)
_RULE = re.compile(r"^(?:[╭╰]─|[-─]{3,}).*\n?", re.MULTILINE)
_UNKNOWN = re.compile(r"Unrecognized (or misplaced )?options: ")  # misplaced: another verb has it
_WORDS = {
    "invalid literal for int() with base 10: ": "no whole number: ",
    "could not convert string to float: ": "no number: ",
    ". Expected": "; expected",
}
_GROUP = re.compile(r"^Error parsing (?:\S*__\.)?(\S+): ")


def parse(arguments: Sequence[str], verbs: Mapping[str, type]) -> Any:
    """The verb that a command line asks for, with its options; `--help` is printed and ends the program.

    Args:
      arguments: the command line.
      verbs: by name, the dataclasses of their options.

    Raises:
      BabbleError: the command line cannot be understood.
    """
    union = functools.reduce(operator.or_, (Annotated[cls, subcommand(name)] for name, cls in verbs.items()))
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return tyro.cli(  # pyright: ignore[reportCallIssue]
                union,  # pyright: ignore[reportArgumentType]
                prog="babble",
                description="Babbling agents with human timing.",
                args=arguments,
            )
    except SystemExit as end:
        if end.code:
            raise BabbleError(_sentence(said.getvalue(), arguments, verbs)) from None
        raise


def of_the_system(error: OSError | MemoryError) -> str:
    """The sentence for a full disk, a folder that vanished and the like, wherever they are met."""
    if isinstance(error, MemoryError):
        return "there is not enough memory; ask for less at once."
    where = "" if error.filename is None else f"{error.filename}: "
    return f"{where}{error.strerror or error}; make room there, or use another place."


def _sentence(said: str, arguments: Sequence[str], verbs: Mapping[str, type]) -> str:
    """What is wrong, from what tyro `said` to standard error."""
    verb = arguments[0] if arguments else ""
    if verb not in verbs:
        first = f"there is no {verb}{_nearest(verb, verbs)}" if verb else "nothing was asked for"
        return f"{first}; choose one of {', '.join(verbs)}, or see `babble --help`."
    options = list(_options(verbs[verb]))
    parts = [" ".join(part.split()) for part in _RULE.split(_FRAME.sub("", said))]
    for part in parts:
        if unknown := _UNKNOWN.match(part):
            given = re.split(r",? ", part[unknown.end() :])
            wrong = next((word for word in given if word.startswith("-")), given[0])
            kind = "option" if wrong.startswith("-") else "place for"
            return (
                f"{verb}: there is no {kind} {wrong}{_nearest(wrong, options)}; see `babble {verb} --help`."
            )
    told = next((part for part in parts if ":" in part or "'" in part), "it cannot be understood")
    told = _GROUP.sub(lambda found: f"{_named(found[1], options)}: ", told)
    for theirs, ours in _WORDS.items():
        told = told.replace(theirs, ours)
    told = re.sub(r"^Missing from babble \w+: (.*?)( \(required\).*)?$", r"missing: \1", told)
    return f"{verb}: {told.rstrip('.')}; see `babble {verb} --help`."


def _options(cls: type, above: str = "") -> Iterator[str]:
    """Every option of a dataclass as it is written, those of dataclasses within it too."""
    for field in dataclasses.fields(cls):
        name = f"{above}{field.name.replace('_', '-')}"
        kind: Any = field.type
        if get_origin(kind) is Annotated and dataclasses.is_dataclass(get_args(kind)[0]):
            yield from _options(get_args(kind)[0], above)  # one whose options stand among those of the verb
        elif dataclasses.is_dataclass(kind):
            yield from _options(kind, f"{name}.")  # pyright: ignore[reportArgumentType]
        else:
            yield f"--{name}"


def _named(name: str, options: list[str]) -> str:
    """`model` as `--model`, where that begins an option."""
    known = any(option.startswith(f"--{name}.") for option in options)
    return f"--{name}" if known else name


def _nearest(word: str, known: Iterable[str]) -> str:
    """What was meant, by the whole name or the part behind its dot; empty where nothing comes near."""
    name = word.split("=")[0].replace("_", "-").lstrip("-")
    by_part = {option.lstrip("-").rsplit(".", 1)[-1]: option for option in known}
    spelt = by_part | {option.lstrip("-"): option for option in known}
    found = difflib.get_close_matches(name, spelt, n=1, cutoff=0.6)
    return f", perhaps you meant {spelt[found[0]]}" if found else ""
