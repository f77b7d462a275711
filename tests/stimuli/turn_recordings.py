"""Recordings of turns: silence, a stretch of syllables with sharp edges, silence."""

from pathlib import Path

import numpy as np
import soundfile

from tests.dialogue.fake_babbler import FakeBabbler

RATE = 16_000


def write_turns(folder: Path, names: tuple[str, ...], rate: int = RATE) -> str:
    """Writes a recording for each name, each different, and returns the CSV of their onsets and ends.

    Args:
      folder: of the recordings, to be made.
      names: of the files, with or without a folder.
      rate: Hz.
    """
    rows = ["file,onset,end"]
    for number, name in enumerate(names):
        rng = np.random.default_rng(number)
        samples = int(rng.integers(rate // 2, rate))
        key = np.array([[number, 7]], np.uint32)
        speech = FakeBabbler(sample_rate=rate, silence=0.0).babble(key, [2 * samples], lambda count: None)[0]
        speech = 0.3 * np.sign(speech[-samples:]) * np.abs(speech[-samples:]) ** 0.5
        onset = 0.2 + 0.01 * number
        sound = np.concatenate([np.zeros(round(onset * rate)), speech, np.zeros(rate // 5)])
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, sound + 1e-5 * rng.standard_normal(len(sound)), rate, subtype="PCM_16")
        first = round(onset * rate)
        rows.append(f"{name},{first / rate},{(first + samples) / rate}")
    return "\n".join(rows) + "\n"
