"""The options of a verb as they are typed, and their names in the sentences of the library.

The library names a value as Python does, `learning_rate`. Whoever typed `--optimizer.learning-rate` reads that.
"""

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import get_args

from tyro.conf import Positional, Suppress

from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, is_folder

_POSITIONAL = {*get_args(Positional[int])[1:]}
_NO_OPTION = _POSITIONAL | {*get_args(Suppress[int])[1:]}
"""Marks of fields that are written without their name, or not at all."""
_WORD = r"[a-z][a-z0-9_]*"
_NAME = re.compile(rf"(?<![\w.,/'\"`:=-]){_WORD}(?![\w/'\"`=(*-]|\.\w)")
_FIRST_NAMES = re.compile(rf"{_WORD}(?:(?:, | and ){_WORD})* (?:is|are|must|takes?|needs?)\b")
"""The names with which a sentence begins, as in "dim, layers and hop must be positive"."""


def list_options(cls: type, prefix: str = "") -> Iterator[str]:
    """Yields every option of a dataclass as it is written, those of dataclasses within it too.

    Args:
      cls: of a verb.
      prefix: of the names, with its dot.
    """
    for field in dataclasses.fields(cls):
        if _NO_OPTION & {*get_args(field.type)[1:]}:
            continue
        inner = list(_dataclasses_in(field.type))
        name = f"{prefix}{field.name.replace('_', '-')}"
        if not inner:
            yield f"--{name}"
        for one in inner:
            hidden = any(getattr(mark, "name", None) == "" for mark in get_args(field.type))
            yield from list_options(one, prefix if hidden else f"{name}.")


def list_positionals(cls: type) -> Iterator[tuple[str, str]]:
    """Yields the fields of a dataclass, and of dataclasses within it, that are written without a name.

    Of each its name and the word for its value in the help.
    """
    for field in dataclasses.fields(cls):
        marks = get_args(field.type)[1:]
        if _POSITIONAL & {*marks}:
            metavars = (getattr(mark, "metavar", None) for mark in marks)
            yield field.name, next(filter(None, metavars), field.name.upper())
        for one in _dataclasses_in(field.type):
            yield from list_positionals(one)


def name_options(message: str, cls: type, arguments: Sequence[str]) -> str:
    """Puts the options of a verb in place of their Python names in a sentence.

    A name of several words, `top_k`, is replaced wherever it stands. One of a single word, which may be a plain word,
    is replaced where the sentence begins with it and its option was typed. A sentence that begins with a file speaks of
    the names in that file, and stays.

    Args:
      message: a sentence of the library.
      cls: the verb's dataclass of options.
      arguments: words of the command line.

    Returns:
      The sentence with `--top-k`, say; of options of the same name that which was typed.
    """
    head = re.split(r", line \d|: ", message, maxsplit=1)[0]
    if is_file(head) or is_folder(head):
        return message
    every = list(dict.fromkeys(list_options(cls)))
    typed = {re.sub(r"(^--|\.)no-", r"\1", word) for word in _typed(arguments)} | _typed(arguments)
    by_name: dict[str, str] = {}
    for option in every:
        name = _python_name(option)
        same = [one for one in every if _python_name(one) == name]
        candidates = [one for one in same if one in typed] or same
        if len(candidates) == 1:
            by_name[name] = candidates[0]

    def written(match: re.Match[str]) -> str:
        return by_name.get(match.group(), match.group()) if "_" in match.group() else match.group()

    first = _FIRST_NAMES.match(message)
    names = re.findall(_WORD, first.group())[:-1] if first else []
    if first and any(by_name.get(name) in typed for name in names):
        head = _NAME.sub(lambda match: by_name.get(match.group(), match.group()), first.group())
        return head + _NAME.sub(written, message[first.end() :])
    return _NAME.sub(written, message)


class UsageError(BabbleError):
    """Reports a command line that cannot be read; the sentence names options as they are typed."""


@contextlib.contextmanager
def naming_options(cls: type, arguments: Sequence[str]) -> Iterator[None]:
    """Puts the options of a verb in place of their Python names in the error of the block; see `name_options`.

    Args:
      cls: the verb's dataclass of options.
      arguments: words of the command line.
    """
    try:
        yield
    except UsageError:
        raise
    except BabbleError as error:
        error.args = (name_options(str(error), cls, arguments),)  # a list of mistakes has its lines
        raise


def _typed(arguments: Sequence[str]) -> set[str]:
    """Returns the options of a command line, in their usual spelling."""
    return {word.split("=")[0].replace("_", "-") for word in arguments if word.startswith("--")}


def _python_name(option: str) -> str:
    return option.lstrip("-").rsplit(".", 1)[-1].replace("-", "_")


def _dataclasses_in(annotation: object) -> Iterator[type]:
    """Yields the dataclasses of an annotation: itself, or the members of a union."""
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        yield annotation
    else:
        for part in get_args(annotation):
            yield from _dataclasses_in(part)
