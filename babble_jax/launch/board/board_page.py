"""Writes a board: one HTML file that holds all it shows and loads nothing."""

import html
import json
import re
from pathlib import Path
from typing import Any

from babble_jax import files, input_files
from babble_jax.plural import plural

_TEMPLATE = Path(__file__).parent / "page"
_SCRIPTS = ("elements.js", "curves.js", "sound.js", "tables.js", "board.js")
_STYLES = ("style.css",)


def board_html(content: dict[str, Any], live: bool = False) -> str:
    """Returns the page.

    Args:
      content: of `collect_content`.
      live: whether the page asks the server that it came from for what is new.
    """
    names = sorted({run["values"]["experiment"] for run in content["runs"]})
    title = f"{plural(len(content['runs']), 'run')}: {', '.join(names[:3])}{', …' if len(names) > 3 else ''}"
    parts = {
        "TITLE": html.escape(title),
        "STYLE": "\n".join(input_files.read_text(_TEMPLATE / name) for name in _STYLES),
        "SCRIPT": "\n".join(input_files.read_text(_TEMPLATE / name) for name in _SCRIPTS),
        "CONNECT": "'self'" if live else "'none'",
        "LIVE": "yes" if live else "no",
        "DATA": json.dumps(content, allow_nan=False).replace("<", "\\u003c"),
    }
    template = input_files.read_text(_TEMPLATE / "index.html")
    return re.sub(r"{{([A-Z]+)}}", lambda place: parts[place.group(1)], template)


def write_board(path: Path, content: dict[str, Any]) -> None:
    """Writes the page into a file.

    Args:
      path: of the file.
      content: of `collect_content`.
    """
    files.write_text(path, board_html(content))
