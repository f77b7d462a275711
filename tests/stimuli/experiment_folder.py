"""A small set of stimuli by hand: tones of known length, two lists, a question."""

import csv
from pathlib import Path

import numpy as np

from babble_jax.audio import wave
from babble_jax.stimuli.spec.question import Question

RATE = 16_000
TURN_ONSET_MS, DURATION_MS = 300.0, 500.0
QUESTION = Question(
    text="When did the second speaker begin?",
    keys={"f": "too early", "space": "just right", "j": "too late"},
    instructions="You hear two speakers who say nothing with words.\nJudge the second one's timing.",
    title="Timing of turns",
    consent="We store which keys you press, and when.\n\nYou may stop at any time.",
    thanks="You may go and fetch your reward.",
    practice=1,
    break_every=2,
)


def write_stimuli(folder: Path, lists: int = 2, items: int = 3, suffix: str = ".wav") -> list[str]:
    """Writes items of two tones, and a catch trial, with tables of them; returns the names of the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number in range(1, lists + 1):
        rows = []
        for item in range(1, items + 2):
            is_catch = item > items
            gap = "" if is_catch else ["0ms", "200ms"][(item + number) % 2]
            name = f"catch001{suffix}" if is_catch else f"item{item:03d}-{gap}{suffix}"
            time = np.arange(round(DURATION_MS / 1000 * RATE)) / RATE
            tones = np.stack([np.sin(2 * np.pi * hertz * time) for hertz in (200 + 50 * item, 300)])
            tones[0, time > 0.2] = 0
            tones[1, time < TURN_ONSET_MS / 1000] = 0
            wave.write(folder / name, 0.1 * tones.T.astype(np.float32), RATE)
            rows.append(
                {
                    "position": item,
                    "file": name,
                    "item": "" if is_catch else item,
                    "gap": gap,
                    "note": 'a "b", c',
                }
                | {"turn_onset_ms": TURN_ONSET_MS, "catch": int(is_catch), "duration_ms": DURATION_MS}
            )
        names.append(f"list{number}.csv")
        with (folder / names[-1]).open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return names
