"""Phone labels of a recording in a file beside it: those of Festival (xlabel), of HTK, or a Praat TextGrid.

- xlabel (`.lab`): after a line `#`, lines `END COLOUR PHONE`, seconds; each phone begins where the one before ends.
- HTK (`.lab`): lines `START END PHONE`; whole numbers are units of 100 ns (Young et al., "The HTK Book", 2009, section
  6.2.1), numbers with a decimal point are seconds.
- A `.lab` that is neither is a transcript, as the Montreal Forced Aligner takes it.
- TextGrid: an interval tier of phones; what is between its intervals, or has an empty label, is silence.
"""

import math
import re
from pathlib import Path

from babble_jax.audio.activity import PAUSES
from babble_jax.dataset.labelled.recording import Labels, join_silences
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_bytes, read_text
from babble_jax.praat_values import PraatValues

SILENCES = PAUSES | {"<p:>", "<p>", "silence", "ssil", "sil_b", "sil_e", "...", "<sil>", "<eps>"}
"""Names of silence among phones, in lower case."""
_MOST_BYTES = 64 * 1024**2
_TICKS = 1e7  # of HTK in a second
_PHONE_TIER = re.compile(r"phone|phoneme|phon\b|segment|\bmau\b|^phn$", re.IGNORECASE)
_HTK_LINE = re.compile(r"\s*\d+(?:\.\d*)?\s+\d+(?:\.\d*)?\s+\S.*")
_WORDS = "correct it, or remove the file"

Tiers = dict[str, list[tuple[str, float, float]]]  # (label, onset, end) by the name of the tier


def read_lab(path: Path) -> Labels | str:
    """Reads a `.lab` file: labels with times, or a transcript.

    Raises:
      BabbleError: a line is no label, or a time goes back; names the line.
    """
    lines = read_text(path, _MOST_BYTES).split("\n")
    contents = [line for line in lines if line.strip()]
    if any(line.strip() == "#" for line in contents):
        return _read_xlabel(path, lines)
    if contents and _HTK_LINE.fullmatch(contents[0]):
        return _read_htk(path, lines)
    return " ".join(" ".join(contents).split())


def _read_xlabel(path: Path, lines: list[str]) -> Labels:
    start = next(number for number, line in enumerate(lines) if line.strip() == "#") + 1
    rows, before = [], 0.0
    for number, line in enumerate(lines[start:], start + 1):
        parts = line.split()
        if not parts:
            continue
        end = _seconds(parts[0])
        if len(parts) < 2 or end is None or end < before:
            raise BabbleError(
                f"{path}, line {number}: is no label (END COLOUR PHONE, ends that rise); {_WORDS}."
            )
        rows.append((parts[2] if len(parts) > 2 else "", before, end))
        before = end
    return join_silences(rows, SILENCES)


def _read_htk(path: Path, lines: list[str]) -> Labels:
    rows, before = [], 0.0
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if not parts:
            continue
        times = [_seconds(part) for part in parts[:2]]
        onset, end = (*times, None, None)[:2]
        if len(parts) < 3 or onset is None or end is None:
            raise BabbleError(f"{path}, line {number}: is no label (START END PHONE); {_WORDS}.")
        if parts[0].isdigit() and parts[1].isdigit():
            onset, end = onset / _TICKS, end / _TICKS
        if onset < before - 1e-6 or end < onset:
            raise BabbleError(f"{path}, line {number}: begins before the label above it ends; {_WORDS}.")
        if onset > before + 1e-6:
            rows.append(("", before, onset))
        rows.append((parts[2], onset, end))
        before = end
    return join_silences(rows, SILENCES)


def _seconds(text: str) -> float | None:
    """Reads a time; None for what is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None


def read_tiers(path: Path) -> Tiers:
    """Reads the interval tiers of a TextGrid.

    Raises:
      BabbleError: it is no TextGrid in text form, or ends early; names the line.
    """
    content = read_bytes(path, _MOST_BYTES)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    values = PraatValues(content.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n"))
    tiers: Tiers = {}
    try:
        for word in ("ooTextFile", "TextGrid"):
            if not values.text().startswith(word):
                raise ValueError(f"no {word!r}")
        _read_bounds(values)
        for _ in range(values.count()):
            kind, name = values.text(), values.text().strip()
            _read_bounds(values)
            rows = []
            for _ in range(values.count()):
                onset = float(values.number())
                end = float(values.number()) if kind == "IntervalTier" else onset
                label = values.text().strip()
                if not (0 <= onset <= end < math.inf) or (rows and onset < rows[-1][2] - 1e-6):
                    raise ValueError(f"an interval from {onset:g} to {end:g} s")
                rows.append((label, onset, end))
            if kind == "IntervalTier":
                tiers[name] = rows
    except ValueError as error:
        reason = str(error).replace(";", ",")
        raise BabbleError(
            f"{path}, line {values.line}: is no TextGrid in text form ({reason}); save it from Praat as a text file."
        ) from None
    return tiers


def _read_bounds(values: PraatValues) -> tuple[float, float]:
    """Reads the times at which a file or a tier begins and ends."""
    return float(values.number()), float(values.number())


def find_phone_tier(tiers: Tiers) -> str | None:
    """Guesses the tier of phones: the one that is called so, or else the one with the most intervals."""
    named = [name for name in tiers if _PHONE_TIER.search(name)]
    candidates = named or list(tiers)
    return max(candidates, key=lambda name: len(tiers[name])) if candidates else None


def take_tier(path: Path, tiers: Tiers, name: str) -> Labels:
    """Makes the labels of a tier.

    Args:
      path: of the TextGrid, for the message.
      tiers: its tiers.
      name: of the one that is meant.

    Raises:
      BabbleError: it has no such tier.
    """
    if name not in tiers:
        raise BabbleError(
            f"{path}: has no interval tier {name!r}; name one that it has ({', '.join(tiers) or 'it has none'}) with "
            "--tier."
        )
    rows, before = [], 0.0
    for label, onset, end in tiers[name]:
        if onset > before + 1e-6:
            rows.append(("", before, onset))
        rows.append((label, onset, end))
        before = end
    return join_silences(rows, SILENCES)
