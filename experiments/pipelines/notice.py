"""The NOTICE beside what ships: a section for each, under a title that names its folder."""

import re
import textwrap
from pathlib import Path

from babble_jax import files

_WIDTH = 120
_TITLE = re.compile(r"^The voice in \S+\n=+\n", re.MULTILINE)


def write_section(notice: Path, name: str, paragraphs: tuple[str, ...]) -> None:
    """Writes the section on a voice into the NOTICE beside it, in place of the one that was there, or at its end.

    Args:
      notice: path of the NOTICE, which is there.
      name: of the voice.
      paragraphs: of the section, each one line.
    """
    text = notice.read_text("utf-8")
    starts = [match.start() for match in _TITLE.finditer(text)]
    title = f"The voice in babble_jax/presets/voices/{name}"
    section = "\n\n".join(
        [f"{title}\n{'=' * len(title)}", *(textwrap.fill(paragraph, _WIDTH) for paragraph in paragraphs)]
    )
    sections = [text[start:stop].strip() for start, stop in zip(starts, [*starts, None][1:], strict=True)]
    at = next((i for i, one in enumerate(sections) if one.startswith(f"{title}\n")), len(sections))
    sections[at : at + 1] = [section]
    files.write_text(notice, text[: starts[0] if starts else None] + "\n\n\n".join(sections) + "\n")
