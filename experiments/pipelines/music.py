"""A data set like the paper's third one, of piano music: string quartets by Beethoven, Haydn and Mozart, on one piano.

    pip install music21 && pip install --no-deps tinysoundfont

The scores come with music21 (10.5), some encoded for non-commercial use only; the piano is that of MuseScore's sound
font (MIT, Debian's musescore-general-soundfont-small). Nothing of them ships with babble_jax.

Axes: M marks of tempo, T samples. Times are seconds; places in a score are quarter notes from its beginning.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from babble_jax.dataset import recipes
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress

SCORES = (
    "beethoven/opus18no1",
    "beethoven/opus59no1",
    "haydn/opus74no1",
    "mozart/k155",
    "mozart/k458",
)
"""Folders of music21's corpus, a file per movement."""

PACKAGE, FONT = "musescore-general-soundfont-small", "usr/share/sounds/sf3/MuseScore_General_Lite.sf3"
RATE = 48_000
PIECE = 30.0
"""Seconds of a sound file; movements are cut, as the paper cuts its sonatas."""
PEAK = 0.5
VELOCITY = 80
TAIL = 2.0  # seconds after the last note
QUARTERS_PER_MINUTE = 108.0  # where a score says nothing


def render_quartets(folder: Path) -> Path:
    """Renders the scores into `folder`/quartets, a folder of sound files.

    Raises:
      BabbleError: a package is missing or cannot be had.
    """
    try:
        import music21  # pyright: ignore[reportMissingImports]
        import tinysoundfont  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise BabbleError(
            f"The music needs {error.name}: pip install music21 && pip install --no-deps tinysoundfont."
        ) from error
    out = folder / "quartets"
    out.mkdir(parents=True)
    root = Path(music21.__path__[0]) / "corpus"
    paths = [path for score in SCORES for path in sorted((root / score).glob("*.mxl"))]
    with tempfile.TemporaryDirectory() as scratch, Progress("rendering", len(paths), "movements") as progress:
        font = recipes.unpack_package(PACKAGE, scratch) / FONT
        for path in paths:
            synth = tinysoundfont.Synth(samplerate=RATE)
            synth.program_select(0, synth.sfload(str(font)), 0, 0)
            audio = _render(synth, music21.converter.parse(path))
            name = "-".join(path.relative_to(root).with_suffix("").parts)
            pieces = np.array_split(audio, max(1, round(len(audio) / RATE / PIECE)))
            for number, piece in enumerate(pieces):
                soundfile.write(out / f"{name}-{number:02d}.wav", piece, RATE, "PCM_16")
            progress.update(1)
    return out


def _render(synth: Any, score: Any) -> np.ndarray:
    """Renders a score on one piano: [T] float32, its peak at `PEAK`."""
    blocks, position = [], 0
    for time, key, begins in _events(score):
        sample = round(time * RATE)
        if sample > position:
            blocks.append(_generate(synth, sample - position))
            position = sample
        if begins:
            synth.noteon(0, key, VELOCITY)
        else:
            synth.noteoff(0, key)
    blocks.append(_generate(synth, round(TAIL * RATE)))
    audio = np.concatenate(blocks)
    return audio * (PEAK / max(float(np.abs(audio).max()), 1e-6))


def _generate(synth: Any, samples: int) -> np.ndarray:
    """Generates [T] float32, the mean of two channels; the buffer of `generate` is overwritten by its next call."""
    return np.frombuffer(synth.generate(samples), np.float32).reshape(-1, 2).mean(axis=1)


def _events(score: Any) -> list[tuple[float, int, bool]]:
    """Lists (seconds, MIDI key, struck or not) in order of time; a key is released before it is struck again."""
    flat = score.flatten()
    marks = [(begin, mark.getQuarterBPM()) for begin, _, mark in flat.metronomeMarkBoundaries()]
    begins = np.array([begin for begin, _ in marks], float)  # [M]
    pace = 60 / np.array([speed or QUARTERS_PER_MINUTE for _, speed in marks])
    reached = np.append(0.0, np.cumsum(np.diff(begins) * pace[:-1]))

    def seconds(quarters: float) -> float:
        mark = int(np.searchsorted(begins, quarters, side="right")) - 1
        return float(reached[mark] + (quarters - begins[mark]) * pace[mark])

    events = []
    for chord in flat.notes:
        begin, end = seconds(float(chord.offset)), seconds(float(chord.offset + chord.quarterLength))
        for note in chord.notes if chord.isChord else [chord]:
            tie = note.tie.type if note.tie else ""
            if end > begin and tie not in ("stop", "continue"):
                events.append((begin, note.pitch.midi, True))
            if end > begin and tie not in ("start", "continue"):
                events.append((end, note.pitch.midi, False))
    return sorted(events, key=lambda event: (event[0], event[2]))
