"""Makes tiny folders of recordings with labels, of every layout that is read."""

import numpy as np
import soundfile

RATE = 16_000
PHONES = (("pau", 0.0, 0.2), ("a", 0.2, 0.35), ("n", 0.35, 0.45), ("a", 0.45, 0.6), ("pau", 0.6, 0.8))
"""Of each recording: name, onset and end in seconds."""


def write_tone(path, seconds=0.8, pitch=300):
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(round(seconds * RATE)) / RATE
    rng = np.random.default_rng(pitch)
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * pitch * time) + 0.001 * rng.normal(size=len(time)), RATE)


def xlabel(phones=PHONES):
    return "separator ;\n#\n" + "".join(f"{end:.5f} 125 {name}\n" for name, _, end in phones)


def htk(phones=PHONES):
    return "".join(f"{round(onset * 1e7)} {round(end * 1e7)} {name}\n" for name, onset, end in phones)


def textgrid(tiers):
    """The short text form of Praat; tiers by name, rows (label, onset, end)."""
    end = max(rows[-1][2] for rows in tiers.values())
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "0",
        f"{end}",
        "<exists>",
        f"{len(tiers)}",
    ]
    for name, rows in tiers.items():
        lines += ['"IntervalTier"', f'"{name}"', "0", f"{end}", f"{len(rows)}"]
        for label, onset, stop in rows:
            lines += [f"{onset}", f"{stop}", f'"{label}"']
    return "\n".join(lines) + "\n"


def festival(root, count=3, seconds=0.8):
    """A Festival voice with labels and transcripts."""
    for i in range(count):
        write_tone(root / "wav" / f"i_{i:02}.wav", seconds, 200 + 10 * i)
        (root / "lab").mkdir(exist_ok=True)
        (root / "lab" / f"i_{i:02}.lab").write_text(xlabel(), "utf-8")
    (root / "etc").mkdir()
    texts = [f'( i_{i:02} "Ана, {"вол+ос" if i else "на"}." )\n' for i in range(count)]  # noqa: RUF001
    (root / "etc" / "txt.done.data").write_text("".join(texts), "utf-8")
    return root
