"""Help: the list of all verbs, and what stands around the options of one verb."""

import contextlib
import inspect
import io
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from babble_jax import __version__

_WIDEST = 100  # columns of a paragraph, however wide the terminal is
_DESCRIPTION = "Babbling agents with human timing."


def overview_text(groups: Mapping[str, Mapping[str, str]]) -> str:
    """Returns the help of `babble`: each group with its verbs, each verb with its line.

    Args:
      groups: lines of help by verb, by group.
    """
    width = max(len(verb) for verbs in groups.values() for verb in verbs)
    lines = [f"babble {__version__}: {_DESCRIPTION}", "", "usage: babble VERB [OPTIONS]", ""]
    for group, verbs in groups.items():
        lines.append(group)
        lines += [_hang(f"  {verb:{width}}  ", line) for verb, line in verbs.items()]
        lines.append("")
    return "\n".join(
        [
            *lines,
            "`babble help VERB` or `babble VERB --help` shows a verb's options and examples;",
            "`babble --version` prints the version. Begin with `babble demo`.",
        ]
    )


def family_text(verbs: Mapping[str, str]) -> str:
    """Returns the help of verbs of two words that have the first one in common, such as `babble session`.

    Args:
      verbs: lines of help by verb.
    """
    first = next(iter(verbs)).split()[0]
    width = max(map(len, verbs))
    lines = [f"usage: babble {first} {{{','.join(verb.split()[1] for verb in verbs)}}} [OPTIONS]", ""]
    return "\n".join([*lines, *(_hang(f"  {verb:{width}}  ", line) for verb, line in verbs.items())])


def description_text(cls: type) -> str:
    """Returns the docstring of a verb up to its attributes, filled to the width of the terminal.

    Each line begins with a blank: tyro joins lines that begin with a letter.
    """
    text = (inspect.getdoc(cls) or "").split("\nAttributes:")[0].strip()
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return "\n\n".join(_hang(" ", one) for one in paragraphs)


@contextlib.contextmanager
def framed_help(examples: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Prints what tyro prints in the block, its help: with lines that fit, and with examples.

    Args:
      examples: (what it does, its command line) of each.
    """
    printed, terminal = _Printed(), sys.stdout
    try:
        with contextlib.redirect_stdout(printed):
            yield
    except SystemExit as end:
        usage, *others = _blank_absent_defaults(printed.getvalue()).replace("\n\n\n", "\n\n").split("\n")
        if usage.isprintable():  # without colours
            usage = textwrap.fill(usage, _columns(), subsequent_indent=" " * 7, break_on_hyphens=False)
        print("\n".join([usage, *others]), end="", file=terminal)
        if not end.code and examples:
            print(f"\n{examples_text(examples)}", file=terminal)
        raise


def _blank_absent_defaults(text: str) -> str:
    """Blanks the defaults that are none, which say nothing, within the frame; a line that was nothing else goes."""

    def blank(place: re.Match[str]) -> str:
        return re.sub(r"[^│\n]", " ", place.group())

    lines = re.sub(r"\(default:[ │\n]*(?:none|None)?\)", blank, text).split("\n")
    before = text.split("\n")
    return "\n".join(new for new, old in zip(lines, before, strict=True) if new == old or new.strip("│ "))


class _Printed(io.StringIO):
    """Holds what is printed, in colours where the terminal behind it shows them."""

    def __init__(self):
        super().__init__()
        self._terminal = sys.stdout

    def isatty(self) -> bool:
        return self._terminal.isatty()

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return getattr(self._terminal, "encoding", None) or "utf-8"


def examples_text(examples: Sequence[tuple[str, str]]) -> str:
    """Returns examples; a line each for what it does and for the command."""
    return "\n".join(["examples:", *(f"  {purpose}\n    {command}" for purpose, command in examples)])


def _hang(head: str, text: str) -> str:
    """Writes a text behind a head, its further lines below its first."""
    return textwrap.fill(
        text, _columns(), initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    )


def _columns() -> int:
    return max(40, min(_WIDEST, shutil.get_terminal_size().columns))
