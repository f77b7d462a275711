"""The code blocks of a page, and how they are run.

A block of `python` or `sh` is run, and one with `title="FILE"` is written to FILE, in the order of the page. A
comment right above a block changes that, and readers of the page do not see it:

    <!-- not run: REASON -->
    <!-- in tests: "TEXT OF THE BLOCK" -> "SMALLER TEXT" -->      (one or several)

A line of `sh` is a `babble` command, with `> FILE` at its end or without.
"""

import dataclasses
import re
import shlex
from pathlib import Path

from babble_jax import cli

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(
    r'((?:^<!-- (?:not run|in tests): [^\n]* -->\n)*)^```(python|sh|toml)(?: title="([^"]+)")?\n(.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
_SMALLER = re.compile(r'in tests: "([^"]+)" -> "([^"]+)"')


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block: `code` as the page shows it, `run` as tests run it; `run` is None where they do not."""

    page: str
    line: int
    kind: str
    title: str | None
    code: str
    run: str | None


def blocks(page: str, text: str | None = None) -> list[Block]:
    """The blocks of a page, in order.

    Args:
      page: path in the repository.
      text: of the page; None to read it.
    """
    text = (ROOT / page).read_text("utf-8") if text is None else text
    result = []
    for match in _BLOCK.finditer(text):
        comments, kind, title, code = match.groups()
        run: str | None = code
        for old, new in _SMALLER.findall(comments):
            assert old in code, f'{page}: a comment replaces "{old}", which is not in the block below it'
            assert run is not None
            run = run.replace(old, new)
        line = text.count("\n", 0, match.start(4)) + 1
        result.append(Block(page, line, kind, title, code, None if "not run:" in comments else run))
    return result


def run_page(page: str, folder: Path, capsys) -> list[str]:
    """Runs the blocks of a page in a folder, which is the current one; returns what each block printed."""
    names, printed = {"__name__": "__main__"}, []
    for block in blocks(page):
        capsys.readouterr()
        if block.run is None:
            continue
        if block.title:
            (folder / block.title).write_text(block.run)
        elif block.kind == "python":
            source = "\n" * (block.line - 1) + block.run  # errors name the line of the page
            exec(compile(source, str(ROOT / page), "exec"), names)
        elif block.kind == "sh":
            for line in block.run.replace("\\\n", " ").splitlines():
                _shell(f"{page}: {line}", shlex.split(line, comments=True), folder, capsys)
        printed.append(capsys.readouterr().out)
    return printed


def _shell(where: str, words: list[str], folder: Path, capsys) -> None:
    """One line of a shell: a `babble` command, its output into a file where that is said."""
    if not words:
        return
    assert words[0] == "babble", f"{where}: only `babble` is run; say why not with <!-- not run: REASON -->"
    target = None
    if ">" in words:
        words, target = words[: words.index(">")], folder / words[words.index(">") + 1]
        capsys.readouterr()
    code = None
    try:
        cli.main(words[1:])
    except SystemExit as end:
        code = end.code
    assert not code, f"{where}: {capsys.readouterr().err}"
    if target is not None:
        target.write_text(capsys.readouterr().out)
