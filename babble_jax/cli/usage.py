"""Reads the command line by tyro; what is wrong with it becomes one sentence.

tyro prints a box of several lines for a bad command line. Its hook `on_parse_error` gives the same facts as values,
from which the sentence is made. The hook is not yet part of tyro's public interface, so nothing depends on it: without
it, and for an error that is not listed here, tyro prints its box and exits with code 2. The hook does not give the
option that was perhaps meant; it is looked for among the options of the verb, and then among those of the others.
"""

import shlex
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, Union, get_args, get_origin

import tyro
from tyro.conf import CascadeSubcommandArgs, PositionalMetavarFromFieldName

from babble_jax import __version__
from babble_jax.cli.examples import EXAMPLES
from babble_jax.cli.help import description_text, family_text, framed_help, overview_text
from babble_jax.cli.messages import as_user_error
from babble_jax.cli.options import UsageError, list_options, list_positionals, name_options, naming_options
from babble_jax.cli.verbs import GROUPS, VERBS, load_verb
from babble_jax.errors import BabbleError
from babble_jax.nearest_name import is_part, nearest_name
from babble_jax.printable import escape_unprintable

_HELP = ("-h", "--help")
_OPEN_ENDED = ("--columns", "--families")
"""Options of any number of names, none of which is a path."""
_ANY_CASE = ("--affect", "--final")
"""Options whose values are names that may be written in any case."""
_MOST_VERBS = 3  # that a message names
_MESSAGES = {
    "invalid literal for int() with base 10: ": "not a whole number: ",
    "could not convert string to float: ": "not a number: ",
}

_REGISTRY = tyro.constructors.ConstructorRegistry()


@_REGISTRY.primitive_rule
def _optional_value(
    info: tyro.constructors.PrimitiveTypeInfo,
) -> tyro.constructors.PrimitiveConstructorSpec | None:
    """Shows the values of an option that may be left out as PATH, where tyro has {None}|PATH; None for other types."""
    kinds = {*get_args(info.type)} - {NoneType}
    if info.type_origin not in (Union, UnionType) or len(kinds) != 1 or len(get_args(info.type)) != 2:
        return None
    (kind,) = kinds
    if get_origin(kind) is Literal:
        choices = tuple(map(str, get_args(kind)))
        return tyro.constructors.PrimitiveConstructorSpec(
            nargs=1,
            metavar="|".join(choices),
            choices=choices,
            instance_from_str=lambda words: words[0],
            is_instance=lambda value: value is None or value in choices,
            str_from_instance=lambda value: ["none" if value is None else str(value)],
        )
    if kind not in (str, Path, int, float):
        return None
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="PATH" if kind is Path else kind.__name__.upper(),
        instance_from_str=lambda words: None if words[0] == "None" else kind(words[0]),
        is_instance=lambda value: value is None or isinstance(value, kind),
        str_from_instance=lambda value: ["none" if value is None else str(value)],
    )


def parse(arguments: Sequence[str]) -> Any:
    """Reads a command line; `--help` and `--version` are printed and end the program.

    Args:
      arguments: words of the command line, without the name of the program.

    Returns:
      An instance of the verb's dataclass.

    Raises:
      BabbleError: the command line cannot be understood.
    """
    verb, *options = arguments or [""]
    if verb == "help":  # `babble help fit` is `babble fit --help`
        verb, *options = *options, "--help"
    if verb in _HELP:
        _print_and_end(overview_text(GROUPS))
    if verb == "--version":
        _print_and_end(f"babble {__version__}")
    family = [name for name in VERBS if name.startswith(f"{verb} ")]
    if len(family) > 1 and options[:1] and options[0] in _HELP:
        _print_and_end(family_text({name: VERBS[name] for name in family}))
    if len(family) == 1 and options[:1] and options[0] in _HELP:
        verb = family[0]
    elif options and f"{verb} {options[0]}" in family:
        verb, *options = f"{verb} {options[0]}", *options[1:]
    elif family:
        first = f"{verb} {options[0]!r} is none of its verbs" if options else f"{verb} is no verb alone"
        raise BabbleError(f"{first}; choose one of {', '.join(family)}, or see `babble {verb} --help`.")
    if verb not in VERBS:
        first = f"there is no verb {verb!r}{_meant(verb, VERBS)}" if verb else "no verb is named"
        raise BabbleError(f"{first}; `babble --help` lists the verbs.")
    cls = load_verb(verb)
    if hasattr(cls, "parse"):  # a verb whose options depend on what its words name
        return cls.parse(options)
    return parse_options(verb, cls, options)


def parse_options(verb: str, cls: type, arguments: Sequence[str]) -> Any:
    """Reads the options of a verb; `--help` is printed and ends the program.

    Args:
      verb: name of the verb; or the words of another program, which begin with "python".
      cls: its dataclass of options.
      arguments: words of the command line after the verb.

    Returns:
      An instance of `cls`.

    Raises:
      BabbleError: the options cannot be understood.
    """
    program = verb if verb.startswith("python ") else f"babble {verb}"
    if (empty := _empty_argument(arguments)) is not None:
        raise BabbleError(f"{verb}: {empty} is empty; give it a value, or leave it out.")

    if "paths" in dict(list_positionals(cls)):
        arguments = _move_paths(arguments)
    arguments = _lower_names(arguments)

    def refuse(event: Any) -> None:
        message = _missing_quotes(event, cls, program, arguments)
        message = message or _message(event, cls, arguments)
        if message is not None:
            raise UsageError(f"{verb}: {message}; see `{program} --help`.")

    with (
        naming_options(cls, arguments),
        as_user_error(),
        _parse_errors_to(refuse),
        framed_help(getattr(cls, "EXAMPLES", EXAMPLES.get(verb, ()))),
    ):  # tyro passes on a `ValueError` of options without a prefix
        return tyro.cli(
            cls,
            prog=program,
            description=description_text(cls),
            args=arguments,
            default=getattr(cls, "defaults", lambda _: None)(arguments),
            config=(CascadeSubcommandArgs, PositionalMetavarFromFieldName),
            registry=_REGISTRY,
        )


def _lower_names(arguments: Sequence[str]) -> list[str]:
    """Writes the values of options of `_ANY_CASE` in lower case."""
    words, before = [], ""
    for word in arguments:
        named = before in _ANY_CASE or word.startswith(tuple(f"{option}=" for option in _ANY_CASE))
        words.append(word.lower() if named else word)
        before = word
    return words


def _move_paths(arguments: Sequence[str]) -> list[str]:
    """Moves the paths that follow the values of an open-ended option to the front, where no option takes them."""
    paths, others, option = [], [], ""
    for word in arguments:
        option = word if word.startswith("-") else option
        is_path = option in _OPEN_ENDED and word is not option and "=" not in word and Path(word).exists()
        (paths if is_path else others).append(word)
    return paths + others


def _empty_argument(arguments: Sequence[str]) -> str | None:
    """Names the first empty word of a command line: its option, or its number; None where there is none."""
    option = ""
    for number, word in enumerate(arguments, start=1):
        if word.startswith("--") and word.endswith("="):
            return word[:-1]
        if word == "":
            return f"the argument after {option}" if option else f"argument {number}"
        option = word if word.startswith("-") and "=" not in word else ""
    return None


def _print_and_end(text: str) -> NoReturn:
    print(text)
    sys.exit(0)


def system_error_text(error: OSError | MemoryError) -> str:
    """Returns the sentence for a full disk, a folder that vanished and the like, wherever they are met."""
    if isinstance(error, MemoryError):
        return "there is not enough memory; ask for less at once."
    where = "" if error.filename is None else f"{error.filename}: "
    return escape_unprintable(f"{where}{error.strerror or error}; make room there, or use another place.")


def _parse_errors_to(hook: Any) -> AbstractContextManager[None]:
    """Registers a hook for tyro's parse errors where this version of tyro has such a thing."""
    try:
        from tyro._errors import on_parse_error
    except ImportError:
        return nullcontext()
    return on_parse_error(hook)


def _message(event: Any, cls: type, arguments: Sequence[str]) -> str | None:
    """Says what is wrong with a command line, without a full stop; None for an event that is not known.

    Args:
      event: one of the events of `tyro._errors`.
      cls: the verb's dataclass of options.
      arguments: words of the command line after the verb.
    """
    match type(event).__name__:
        case "UnrecognizedArgs":
            return _unrecognized(event.tokens, cls)
        case "MissingArgs" if any(token.startswith("-") for token in event.unrecognized_tokens):
            return _unrecognized(event.unrecognized_tokens, cls)
        case "MissingArgs":
            missing = " and ".join(_invocation(one.arg) for one in event.missing_arguments)
            return f"{missing} must be given"
        case "InvalidChoice":
            return (
                f"{event.argument.display_name()} is {event.value!r}; choose from {', '.join(event.choices)}"
            )
        case "BadValue" if event.argument.is_positional():
            return f"{_invocation(event.argument)} must be given"
        case "BadValue":
            return f"{_invocation(event.argument)} has too few values"
        case "SubcommandConflict":
            return f"name {event.attempted} before {event.trigger_flag}"
        case "InstantiationFailure":
            message = event.message.rstrip(".")
            for theirs, ours in _MESSAGES.items():
                message = message.replace(theirs, ours)
            if event.argument is None:
                return name_options(message, cls, arguments)
            return f"{event.argument.display_name()}: {message}"
    return None


def _missing_quotes(event: Any, cls: type, program: str, arguments: Sequence[str]) -> str | None:
    """Says that words without a place go into quotes with the one before, where the verb takes such a text.

    Args:
      event: as of `_message`.
      cls: the verb; its `QUOTED` is the word for the text in its help.
      program: what the command line begins with.
      arguments: words of the command line after it.
    """
    quoted = getattr(cls, "QUOTED", None)
    if quoted is None or type(event).__name__ != "UnrecognizedArgs":
        return None
    words, extra = list(arguments), list(event.tokens)
    for first in range(1, len(words) - len(extra) + 1):
        last = first + len(extra)
        if words[first:last] == extra and not any(word.startswith("-") for word in words[first - 1 : last]):
            text = " ".join(words[first - 1 : last])
            return (
                f"{quoted} takes quotes: {program} {shlex.join([*words[: first - 1], text, *words[last:]])}"
            )
    return None


def _invocation(argument: Any) -> str:
    """Returns an option with the type of its values, or the name of a positional argument."""
    metavar = argument.lowered.metavar
    return metavar if argument.is_positional() else f"{argument.display_name()} {metavar}"


def _unrecognized(tokens: Sequence[str], cls: type) -> str:
    """Names the first token that is no option, or has no place, and the option that was perhaps meant.

    Args:
      tokens: the tokens that were not recognized.
      cls: the verb's dataclass of options.
    """
    token = next((token for token in tokens if token.startswith("-")), tokens[0])
    options, positionals = list(list_options(cls)), dict(list_positionals(cls))
    option = token.split("=")[0].replace("_", "-")
    if option in options:  # of another kind of model, which must stand before it
        return f"{token} does not belong to this kind of model; name its own before it, model:wavenet, say"
    name = option.lstrip("-").replace("-", "_")
    if token.startswith("--") and name in positionals:
        return f"there is no option {token}; write its value alone, as {positionals[name]}"
    if not token.startswith("-"):
        return f"there is no place for {token}"
    elsewhere = _elsewhere(option)  # an option of another verb is not misspelled
    return f"there is no option {token}{_meant(token, options, part=bool(elsewhere)) or elsewhere}"


def _elsewhere(option: str) -> str:
    """Names the other verbs that have an option; empty where none has it, or so many that it says nothing."""
    verbs = [f"`babble {verb}`" for verb in VERBS if option in list_options(load_verb(verb))]
    if not 1 <= len(verbs) <= _MOST_VERBS:
        return ""
    return f"; {' and '.join(verbs)} {'has' if len(verbs) == 1 else 'have'} it"


def _meant(word: str, names: Iterable[str], part: bool = False) -> str:
    """Suggests the nearest of some names, by all of it or by what is behind its dot; empty where none is near.

    Args:
      word: as it was typed.
      names: among which it may have been meant.
      part: whether only one of which the word is a part, or which is a part of the word, is near.
    """
    plain = word.split("=")[0].replace("_", "-").lstrip("-")
    spellings = {name.lstrip("-").rsplit(".", 1)[-1]: name for name in names}
    spellings |= {name.lstrip("-"): name for name in spellings.values()}
    nearest = nearest_name(plain, [one for one in spellings if is_part(plain, one)] if part else spellings)
    return f", perhaps you meant {spellings[nearest]}" if nearest else ""
