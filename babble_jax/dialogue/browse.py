"""Writes a dialogue as one page for a browser: sound, timeline, table and pictures in one file that loads nothing else.

Axes: C channels, T samples, B columns of the waveform.
"""

import base64
import html
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from babble_jax import files, input_files
from babble_jax.dialogue.event_table import (
    OUTSIDE,
    column_headings,
    explain_table,
    table_rows,
)
from babble_jax.dialogue.names import with_article
from babble_jax.dialogue.plan import AUDIO
from babble_jax.dialogue.render import Rendering
from babble_jax.errors import BabbleError
from babble_jax.printable import escape_unprintable
from babble_jax.timing.events import Definitions, Kind, ipus, transitions

PAGE = "index.html"
"""Name of the page in the folder of a dialogue."""
MOST_SECONDS = 1800.0
"""Length of the longest dialogue whose sound is put into a page."""
PICTURES = {
    "ftos.png": "Floor-transfer offsets: how long before the next one speaks. Left of zero the next one begins before "
    "the other has ended.",
    "spectrogram.png": "Eight seconds of the sound, one panel per speaker. The stripes are the harmonics of a voice.",
}
"""Pictures that the page shows, with their captions."""
_TEMPLATE = Path(__file__).parent / "page"
_COLUMNS_PER_SECOND = 50  # of the waveform
_LEVELS = 99  # of a column of the waveform


def check_length(seconds: float) -> None:
    """Refuses a dialogue that is too long for a page.

    Raises:
      BabbleError: it is longer than `MOST_SECONDS`.
    """
    if seconds > MOST_SECONDS:
        raise BabbleError(
            f"--browse puts the sound into the page: at most {MOST_SECONDS / 60:g} minutes, not {seconds / 60:.3g}; "
            "ask for fewer seconds, or leave --browse out."
        )


def write_page(folder: Path, rendering: Rendering, table: dict[str, Any], definitions: Definitions) -> None:
    """Writes `index.html` into the folder of a dialogue, whose pictures are there already.

    Args:
      folder: of the dialogue.
      rendering: the dialogue in sound.
      table: of its events (`event_table.compare_events`).
      definitions: of the events.
    """
    dialogue = rendering.dialogue
    title = f"A dialogue of two babblers: {' and '.join(map(escape_unprintable, dialogue.speakers))}"
    subject = " and ".join(escape_unprintable(with_article(name)) for name in dialogue.speakers)
    parts = {
        "TITLE": html.escape(title),
        "LEAD": html.escape(
            f"{subject[:1].upper()}{subject[1:]} babble for {dialogue.seconds:.0f} s: sound that is shaped like speech "
            f"and means nothing. They speak and pause with the timing of {escape_unprintable(table['reference'])}."
        ),
        "STYLE": input_files.read_text(_TEMPLATE / "style.css"),
        "SCRIPT": input_files.read_text(_TEMPLATE / "player.js"),
        "AUDIO": data_uri(encode_flac(folder / AUDIO), "audio/flac"),
        "DATA": json.dumps(_page_data(rendering, definitions)).replace("<", "\\u003c"),
        "TABLE": _table_html(table),
        "NOTES": "".join(
            f"<li>{html.escape(escape_unprintable(line))}</li>" for line in explain_table(table)
        ),
        "PICTURES": "".join(_figure_html(folder / name, text) for name, text in PICTURES.items()),
    }
    template = input_files.read_text(_TEMPLATE / PAGE)
    page = re.sub(r"{{([A-Z]+)}}", lambda place: parts[place.group(1)], template)
    files.write_text(folder / PAGE, page)


def encode_flac(path: Path) -> bytes:
    """Encodes a WAV of 16 bits as FLAC: the same samples in a fraction of the size; every browser plays it."""
    samples, rate = soundfile.read(path, dtype="int16")
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def data_uri(content: bytes, kind: str) -> str:
    """Returns the content of a file as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _page_data(rendering: Rendering, definitions: Definitions) -> dict[str, Any]:
    """Returns what the page's timeline is drawn from."""
    dialogue, rate = rendering.dialogue, rendering.placement.rate
    runs = transitions(ipus(dialogue, definitions))
    kinds = {int(Kind.GAP): "gap", int(Kind.OVERLAP_BETWEEN): "overlap"}
    return {
        "seconds": dialogue.seconds,
        "speakers": [escape_unprintable(name) for name in dialogue.speakers],
        "ipus": [
            [int(speaker), round(float(onset), 4), round(float(end), 4)]
            for speaker, onset, end in zip(dialogue.speaker, dialogue.onset, dialogue.end, strict=True)
        ],
        "transitions": [
            [kinds[int(kind)], round(float(start), 4), round(float(end), 4)]
            for kind, start, end in zip(runs.kind, runs.start, runs.end, strict=True)
            if int(kind) in kinds
        ],
        "columns_per_second": _COLUMNS_PER_SECOND,
        "waveform": [_peaks(channel, rate) for channel in rendering.audio],
    }


def _peaks(channel: np.ndarray, rate: int) -> list[int]:
    """Returns the largest amplitude per column of [T]: [B] integers, 0 to 99."""
    starts = np.unique(np.arange(0, len(channel), rate / _COLUMNS_PER_SECOND).astype(np.int64))
    peaks = np.maximum.reduceat(np.abs(channel), starts)
    loud = float(np.quantile(peaks[peaks > 0], 0.99)) if np.any(peaks > 0) else 1.0
    return np.rint(np.clip(peaks / loud, 0, 1) * _LEVELS).astype(int).tolist()


def _table_html(values: dict[str, Any]) -> str:
    """Returns the table of events as HTML; a cell outside of the range is marked by a class and a sign."""
    headings = column_headings(values)
    lines = ["<thead><tr><td></td>"]
    lines += [f'<th scope="col">{html.escape(escape_unprintable(text))}</th>' for text in headings.values()]
    lines.append("</tr></thead>")
    before = ""
    for heading, label, texts in table_rows(values):
        if heading != before:
            lines.append("</tbody>" if before else "")
            lines.append(
                f'<tbody><tr class="part"><th scope="rowgroup" colspan="{1 + len(headings)}">{heading}</th></tr>'
            )
            before = heading
        cells = "".join(_cell_html(texts[column]) for column in headings)
        lines.append(f'<tr><th scope="row">{label}</th>{cells}</tr>')
    return "\n".join([*lines, "</tbody>"])


def _cell_html(text: str) -> str:
    outside = ' class="outside"' if text.endswith(OUTSIDE) else ""
    return f"<td{outside}>{html.escape(text)}</td>"


def _figure_html(path: Path, caption: str) -> str:
    return (
        f'<figure><div class="picture" role="region" aria-label="{html.escape(caption)}" tabindex="0">'
        f'<img src="{data_uri(input_files.read_bytes(path), "image/png")}" alt="{html.escape(caption)}"></div>'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )
