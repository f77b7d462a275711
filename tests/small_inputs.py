"""Small inputs of the public functions and of the verbs: a corpus, recordings, specifications of stimuli."""

from pathlib import Path

import numpy as np
import soundfile

from babble_jax.stimuli import specification

RATE = 4000  # Hz, of the recordings


def write_corpus(folder: Path, conversation: str = "talk", speakers: str = "AB") -> None:
    """Writes the annotation of six conversations of 60 turns, a CSV file for each.

    Args:
      folder: to be made.
      conversation: ids of the conversations begin with it.
      speakers: two letters.
    """
    draw = np.random.default_rng(0)
    folder.mkdir()
    for number in range(6):
        rows, end = ["conversation,speaker,start,end\n"], 0.0
        for turn in range(60):
            start = (
                end + max(0.05, draw.normal(0.3, 0.2))
                if turn % 3
                else max(0.0, end - draw.uniform(0.05, 0.4))
            )
            end = max(end, start) + draw.uniform(0.5, 3.0)
            rows.append(f"{conversation}{number},{speakers[turn % 2]},{start:.3f},{end:.3f}\n")
        (folder / f"talk{number}.csv").write_text("".join(rows), "utf-8")


def write_recordings(folder: Path) -> None:
    """Writes eight tones each of two speakers, half a second to a second long."""
    draw = np.random.default_rng(1)
    for speaker in ("ann", "ben"):
        (folder / speaker).mkdir(parents=True)
        for number in range(8):
            tone = 0.4 * np.sin(np.arange(draw.integers(2000, 4000)) * draw.uniform(0.2, 1))
            soundfile.write(folder / speaker / f"{number}.wav", tone, RATE)


def write_long_recording(path: Path, seconds: float = 30.0) -> None:
    """Writes a tone with pauses, which moves up and down.

    Args:
      path: of the file.
      seconds: its length.
    """
    time = np.arange(round(seconds * RATE)) / RATE
    tone = 0.2 * np.sin(2 * np.pi * (200 * time + 5 * np.sin(3 * time)))
    soundfile.write(path, tone * (np.sin(2 * np.pi * 0.3 * time) > -0.8), RATE)


def write_spec(path: Path, voice: str | Path = "babblers") -> None:
    """Writes a specification of stimuli: one item of 4 s in one condition."""
    path.write_text(
        f'voices = ["{voice}"]\nseconds = 4.0\nitems = 1\ncounterbalance = []\n\n[factors.gap]\nnatural = {{}}\n',
        "utf-8",
    )


def example_spec() -> str:
    """Returns the example in the documentation of specifications of stimuli."""
    text = (specification.__doc__ or "").split("\n\n", 1)[1]
    return "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))
